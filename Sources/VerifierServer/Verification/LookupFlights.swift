import GRPCNghttp2Transport
import NIOCore
import NIOPosix
import ServiceKit
import Synchronization
import TokenDomain

/// What a look-up has found, and whether it counts.
struct Evidence: Sendable {
  let lookup: CredentialLookup
  /// The time before the question.
  let asked: ContinuousClock.Instant
  /// What ``VerifiedCredentials/admit(_:of:asked:)`` made of it. It was judged after all who get it had begun to wait,
  /// and so after they had read the clock.
  let standing: RevocationLog.Standing
}

/// Look-ups that are on their way, one for each secret, however many calls wait for it: after a start all verifiers
/// would ask for all secrets as often as they are used otherwise.
///
/// While questions are on their way, what is to be asked next waits and is then asked in one go, so that the more there
/// is to ask the less each costs. A question that takes long keeps none of the others waiting for longer than
/// ``patience``. Each has its own deadline, its source's, and goes on when who began it gives up.
final class LookupFlights: Sendable {
  /// Takes what a look-up has found, on any thread, and whether it was the one who has begun it. It must be quick.
  typealias Landing = @Sendable (_ result: Result<Evidence, any Error>, _ isOwn: Bool) -> Void
  /// Judges what was found, before those who wait for it get it.
  typealias Judge =
    @Sendable (
      _ lookup: CredentialLookup, _ hash: SecretHash, _ asked: ContinuousClock.Instant
    ) -> RevocationLog.Standing

  /// The questions that are on their way at a time as long as none takes long: two, so that one that hangs holds up
  /// nobody at all where the other has gone to a replica that answers.
  private static let usualQuestions = 2
  /// The most of them.
  private static let questionLimit = 64
  /// The most calls that wait for one secret, those included that have given up meanwhile.
  private static let landingLimit = 10_000
  /// How long secrets wait until they are asked for beside questions that take long.
  private static let patience = Duration.milliseconds(10)

  private struct State {
    /// Who waits for each secret; who has begun comes first.
    var landings: [SecretHash: [Landing]] = [:]
    /// The secrets that are to be asked for, in order, with the ids of the requests that want them.
    var queue: [(hash: SecretHash, requestID: String?)] = []
    /// Those who ask until there is no more to ask for.
    var askers = 0
    /// How many questions were asked.
    var questions = 0
    var isWatched = false
    var begun = 0
    var joined = 0
  }

  private let source: any CredentialLookupSource
  private let limit: Int
  private let judge: Judge
  private let state = Mutex(State())

  /// Makes room for look-ups.
  ///
  /// - Parameters:
  ///   - source: What is asked.
  ///   - limit: The most look-ups at a time.
  ///   - judge: Judges what each look-up has found.
  init(source: any CredentialLookupSource, limit: Int, judge: @escaping Judge) {
    self.source = source
    self.limit = limit
    self.judge = judge
  }

  /// How many look-ups were begun, and how many calls have waited for another one's.
  var counts: (begun: Int, joined: Int) { state.withLock { ($0.begun, $0.joined) } }

  /// Looks a secret up, or waits for who does already.
  ///
  /// - Returns: What was found, and whether this call has begun the look-up.
  /// - Throws: ``ServiceError`` `unavailable` when there are too many look-ups or it takes until `deadline`,
  ///   `CancellationError` when the task is cancelled, or what the source says of this one.
  func evidence(for hash: SecretHash, until deadline: ContinuousClock.Instant) async throws -> (Evidence, isOwn: Bool) {
    let waiter = Waiter<(Evidence, isOwn: Bool)>()
    let isOnItsWay = lookUp(hash, for: RequestID.current) { result, isOwn in
      waiter.finish(result.map { ($0, isOwn) })
    }
    guard isOnItsWay else { throw ServiceError(.unavailable, "Too many credentials are being looked up.") }
    let timer = Timers.shared.set(after: ContinuousClock.now.duration(to: deadline)) {
      waiter.finish(.failure(ServiceError.lateLookUp))
    }
    defer { timer.cancel() }
    return try await waiter.wait()
  }

  /// Looks a secret up, or waits for who does already.
  ///
  /// - Returns: Whether `landing` will be called; false when there are too many look-ups.
  func lookUp(_ hash: SecretHash, for requestID: String?, landing: @escaping Landing) -> Bool {
    enum Next {
      case nothing, ask
      case watch(questions: Int)
    }
    let next: Next? = state.withLock { state in
      if let waiting = state.landings[hash]?.count {
        guard waiting < Self.landingLimit else { return nil }
        state.landings[hash]?.append(landing)
        state.joined += 1
        return .nothing
      }
      guard state.landings.count < limit else { return nil }
      state.begun += 1
      state.landings[hash] = [landing]
      state.queue.append((hash, requestID))
      if state.askers < Self.usualQuestions {
        state.askers += 1
        return .ask
      }
      guard !state.isWatched else { return .nothing }
      state.isWatched = true
      return .watch(questions: state.questions)
    }
    switch next {
    case .ask: askSoon()
    case .watch(let questions): watch(since: questions)
    case .nothing: break
    case nil: return false
    }
    return true
  }

  /// Asks besides if nothing was asked for a while although secrets wait.
  private func watch(since questions: Int) {
    _ = Timers.shared.set(after: Self.patience) { [weak self] in
      guard let self else { return }
      let (isStuck, waiting) = state.withLock { state -> (Bool, Int?) in
        guard !state.queue.isEmpty else {
          state.isWatched = false
          return (false, nil)
        }
        let isStuck = state.questions == questions && state.askers < Self.questionLimit
        if isStuck { state.askers += 1 }
        return (isStuck, state.questions)
      }
      if isStuck { ask() }
      if let waiting { watch(since: waiting) }
    }
  }

  /// Asks on an event loop, once it has done what it is doing: all that wants an answer by then is asked for together.
  private func askSoon() {
    MultiThreadedEventLoopGroup.singleton.any().execute { [self] in ask() }
  }

  /// Asks for what waits, and then again for what waits by then, until there is nothing.
  private func ask() {
    guard let next = takeNext() else { return }
    let asked = ContinuousClock.now
    source.lookUp(next.hashes, for: next.requestID) { [self] results in
      for (hash, result) in zip(next.hashes, results) { land(hash, result, asked: asked) }
      askSoon()
    }
  }

  /// Takes what is to be asked for in one go; `nil` when there is nothing, and the asker ends.
  private func takeNext() -> (hashes: [SecretHash], requestID: String?)? {
    state.withLock { state in
      guard !state.queue.isEmpty else {
        state.askers -= 1
        return nil
      }
      let next = Array(state.queue.prefix(CredentialLookup.limit))
      state.queue.removeFirst(next.count)
      state.questions += 1
      return (next.map(\.hash), next.first?.requestID)
    }
  }

  /// Gives what was found to those who wait for it.
  private func land(_ hash: SecretHash, _ result: Result<CredentialLookup, any Error>, asked: ContinuousClock.Instant) {
    // Whoever comes from here on may read the clock after this is judged, and so looks up anew.
    let landings = state.withLock { $0.landings.removeValue(forKey: hash) } ?? []
    let evidence = result.map { Evidence(lookup: $0, asked: asked, standing: judge($0, hash, asked)) }
    for (index, landing) in landings.enumerated() { landing(evidence, index == 0) }
  }
}
