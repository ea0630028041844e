import GRPCNghttp2Transport
import ServiceKit
import Synchronization
import TokenDomain

/// Credentials and a revocation log in memory. Answers can be held back: they were read before then.
final class FakeLookups: CredentialLookupSource {
  private struct State {
    var credentials: [SecretHash: Credential] = [:]
    var position = LogPosition(revision: 0, tag: 1_000)
    var questions: [[SecretHash]] = []
    var deadlines: [ContinuousClock.Instant?] = []
    var fault: (any Error)?
    var faults: [SecretHash: any Error] = [:]
    var isHolding = false
    var held: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())

  /// What was looked up, in order.
  var asked: [SecretHash] { questions.flatMap(\.self) }
  /// What was looked up in one go, each time.
  var questions: [[SecretHash]] { state.withLock { $0.questions } }
  /// Until when the callers of each question wait.
  var deadlines: [ContinuousClock.Instant?] { state.withLock { $0.deadlines } }
  /// How many answers are held back.
  var heldCount: Int { state.withLock { $0.held.count } }
  /// The end of the log.
  var position: LogPosition {
    get { state.withLock { $0.position } }
    set { state.withLock { $0.position = newValue } }
  }
  /// What every look-up fails with.
  var fault: (any Error)? {
    get { state.withLock { $0.fault } }
    set { state.withLock { $0.fault = newValue } }
  }

  subscript(hash: SecretHash) -> Credential? {
    get { state.withLock { $0.credentials[hash] } }
    set { state.withLock { $0.credentials[hash] = newValue } }
  }

  /// Commits a change of a credential, and returns its entry of the log.
  func commit(_ subject: Revocation.Subject, _ hash: SecretHash? = nil, _ credential: Credential? = nil) -> Revocation {
    state.withLock { state in
      if let hash { state.credentials[hash] = credential }
      let revision = state.position.revision + 1
      state.position = LogPosition(revision: revision, tag: 1_000 + UInt64(revision))
      return Revocation(at: state.position, of: subject)
    }
  }

  /// Has the look-ups of one secret fail, and no others.
  func fail(_ hash: SecretHash, with error: any Error) {
    state.withLock { $0.faults[hash] = error }
  }

  /// Holds answers back from now on.
  func hold() {
    state.withLock { $0.isHolding = true }
  }

  /// Holds no more answers back, and none of those free that are.
  func pass() {
    state.withLock { $0.isHolding = false }
  }

  /// Gives the answers that were held back, and no longer holds any, unless it goes on holding those that come.
  func release(holdingOthers: Bool = false) {
    let held = state.withLock { state in
      state.isHolding = holdingOthers
      defer { state.held = [] }
      return state.held
    }
    for answer in held { answer() }
  }

  func lookUp(_ hashes: [SecretHash], for requestID: String?, completion: @escaping Completion) {
    let answer: (@Sendable () -> Void)? = state.withLock { state in
      state.questions.append(hashes)
      state.deadlines.append(CallDeadline.current)
      let found = hashes.map { hash -> Result<CredentialLookup, any Error> in
        if let fault = state.fault ?? state.faults[hash] { return .failure(fault) }
        return .success(CredentialLookup(state.credentials[hash], readAt: state.position))
      }
      let answer: @Sendable () -> Void = { completion(found) }
      if state.isHolding { state.held.append(answer) }
      return state.isHolding ? nil : answer
    }
    answer?()
  }
}
