import TokenDomain

/// One schedule: verifiers, replicas of the token service, a database, clocks and a network, driven one step at a time
/// in an order that a seed draws. The state machines are the real ones; the rest does what the services around them do.
///
/// After every step it checks the guarantee: once a deletion, a disabling or a suspension was answered, no Verify that
/// starts afterwards answers VALID for the credential.
final class Simulation {
  /// How many steps without faults are enough for every change to be answered.
  private static let patience = 40_000
  /// How many draws are enough for verifiers to get ready.
  private static let warmth = 600
  private static let repairs = SimulationAction.allCases.filter { !$0.isFault && $0 != .ask }

  var random: SimulationRandom
  let profile: SimulationProfile
  /// The time without drift.
  private(set) var time: ProcessClock.Time = 0
  var database: SimulatedDatabase
  private(set) var verifiers: [SimulatedVerifier] = []
  private(set) var replicas: [SimulatedReplica] = []
  var promises = Promises()

  // What is on its way.
  var registrations: [RegistrationCall] = []
  var renewals: [RenewalCall] = []
  var lookUps: [LookUpCall] = []
  var endings: [VerifierSessionID] = []
  var streams: [SimulatedStream] = []
  private var lastNumber = 0

  /// How many steps were taken.
  private(set) var stepCount = 0
  /// What the schedule broke; `nil` so far.
  private(set) var failure: SimulationFailure?
  /// Whether faults are over.
  private(set) var isHealed = false
  private var events: UInt64 = 0
  private let isTraced: Bool
  /// What happened, a line each, if it is traced.
  private(set) var trace: [String] = []

  /// Prepares a schedule.
  init(seed: UInt64, isTraced: Bool = false) {
    self.isTraced = isTraced
    random = SimulationRandom(seed: seed)
    profile = SimulationProfile(using: &random)
    database = SimulatedDatabase(
      hasStandby: profile.hasStandby, oldShare: profile.oldShare, tag: random.next())
    for number in 0..<profile.verifierCount { verifiers.append(SimulatedVerifier(number: number, using: &random)) }
    for (number, lease) in profile.leases.enumerated() {
      replicas.append(SimulatedReplica(number: number, lease: lease, using: &random))
    }
  }

  /// Runs the schedule until its end, or until the guarantee is broken.
  func run() {
    if profile.isWarm { warmUp() }
    // Few of the actions drawn are possible: most wait for others.
    var draws = 0
    var plot = profile.plot[...]
    while stepCount < profile.stepCount, draws < 20 * profile.stepCount, failure == nil {
      draws += 1
      if let next = plot.first, next.step <= stepCount, take(next.action) { plot.removeFirst() }
      _ = take(profile.draw(after: stepCount, using: &random))
    }
  }

  /// Has all verifiers registered and something looked up.
  private func warmUp() {
    var draws = 0
    while draws < Self.warmth, verifiers.contains(where: { $0.cache.isEmpty }) {
      draws += 1
      _ = perform(SimulationAction.warming[random.below(SimulationAction.warming.count)])
    }
  }

  /// Goes on without faults until every change is answered, which has to happen.
  func finish() {
    heal()
    var draws = 0
    while draws < Self.patience, failure == nil, replicas.contains(where: \.isBusy) {
      draws += 1
      _ = take(Self.repairs[random.below(Self.repairs.count)])
    }
    if replicas.contains(where: \.isBusy) { fail(.progress("a change is not answered although all faults are over")) }
  }

  /// Ends all faults.
  private func heal() {
    for verifier in verifiers { verifier.isPaused = false }
    for replica in replicas {
      replica.isPaused = false
      // Results that are on their way are of before.
      for index in replica.waits.indices { replica.waits[index].result = nil }
      for wait in replica.waits where wait.barrier.passed { answer(wait, at: replica) }
      replica.waits.removeAll(where: \.barrier.passed)
    }
    database.resumeReplication()
    database.stopOld()
    isHealed = true
  }

  private func take(_ action: SimulationAction) -> Bool {
    guard perform(action) else { return false }
    stepCount += 1
    time += Int64(random.below(profile.pace))
    check()
    return true
  }

  // MARK: - Called by the steps

  /// Lets time pass.
  func pass(until later: ProcessClock.Time) {
    time = max(time, later)
  }

  /// The next number for what is on its way.
  func number() -> Int {
    lastNumber += 1
    return lastNumber
  }

  /// Draws whether a call is one of the slow ones, which others overtake.
  func isSlow() -> Bool {
    random.chance(percent: 15)
  }

  /// Whether a slow call has to wait once more.
  func isDelayed(_ isSlow: Bool) -> Bool {
    isSlow && random.chance(percent: 95)
  }

  /// Notes that something happened.
  func happens(_ event: SimulationEvent) {
    events |= 1 << event.rawValue
  }

  /// Whether something happened.
  func happened(_ event: SimulationEvent) -> Bool {
    events & 1 << event.rawValue != 0
  }

  /// Writes a line of the trace.
  func note(_ line: @autoclosure () -> String) {
    guard isTraced else { return }
    let milliseconds = "\(Double(time / 1_000) / 1_000)"
    trace.append(String(repeating: " ", count: max(0, 10 - milliseconds.count)) + milliseconds + " ms  " + line())
  }

  /// Notes what is broken first.
  func fail(_ failure: SimulationFailure) {
    guard self.failure == nil else { return }
    self.failure = failure
    note("\(failure)")
  }

  /// A verifier that runs and satisfies the condition.
  func verifier(where isEligible: (SimulatedVerifier) -> Bool = { _ in true }) -> SimulatedVerifier? {
    random.index(in: verifiers) { !$0.isPaused && isEligible($0) }.map { verifiers[$0] }
  }

  /// A replica that runs and satisfies the condition.
  func replica(where isEligible: (SimulatedReplica) -> Bool = { _ in true }) -> SimulatedReplica? {
    random.index(in: replicas) { !$0.isPaused && isEligible($0) }.map { replicas[$0] }
  }

  /// A stream that satisfies the condition.
  func stream(where isEligible: (SimulatedStream) -> Bool) -> SimulatedStream? {
    random.index(in: streams, where: isEligible).map { streams[$0] }
  }

  /// The process that a caller is, if it still runs.
  func process(of caller: Caller) -> SimulatedVerifier? {
    let verifier = verifiers[caller.verifier]
    return verifier.start == caller.start && !verifier.isPaused ? verifier : nil
  }
}
