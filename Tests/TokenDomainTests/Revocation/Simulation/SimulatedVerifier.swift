import TokenDomain

/// A process of the verifier: the real state machine, and around it what the verifier does with it, step by step.
final class SimulatedVerifier {
  /// What a registration is at.
  enum Registration {
    case none
    /// The cache is cleared, one shard after another, before the question is sent.
    case clearing(VerifierSessionID, nextShard: Int)
    /// The question is sent.
    case asking
    /// The cache is cleared once more.
    case adopting(nextShard: Int)
  }

  /// An entry of the log that is being applied to the cache, one shard after another.
  struct Forgetting {
    let subject: Revocation.Subject
    var nextShard = 0
  }

  /// Which verifier it is.
  let number: Int
  /// How often it was started: what arrives for an earlier process is lost.
  private(set) var start = 0
  private(set) var clock: ProcessClock
  /// Whether it is stopped for a while, as by SIGSTOP.
  var isPaused = false
  var machine = VerifierRegistration()
  var cache = SimulatedCache()
  var registration = Registration.none
  var forgetting: Forgetting?
  var calls: [VerifyCall] = []
  /// Of each credential that must not be accepted: the Verify that asks for it and is stopped between its steps.
  var shadows: [ShadowCall?] = Array(repeating: nil, count: Subject.credentialCount)

  init(number: Int, using random: inout SimulationRandom) {
    self.number = number
    clock = ProcessClock(using: &random)
  }

  /// Kills the process and starts another.
  func restart(using random: inout SimulationRandom) {
    start += 1
    clock = ProcessClock(using: &random)
    isPaused = false
    machine = VerifierRegistration()
    cache = SimulatedCache()
    registration = .none
    forgetting = nil
    calls = []
    shadows = Array(repeating: nil, count: Subject.credentialCount)
  }
}
