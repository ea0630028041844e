import Postgres
import Synchronization
import TokenDomain

/// A change of what look-ups answer, which waits for its turn in a batch.
final class RevokingChange: Sendable {
  /// What a change has done in the batch's transaction.
  struct Applied: Sendable {
    /// What has to be looked up again, in the order in which it is revoked.
    let subjects: [Revocation.Subject]
    /// Answers the caller, once that may be.
    let answer: @Sendable (RevocationReceipt) -> Void
  }

  /// Whose rows it locks.
  let accountID: String
  /// The credential whose rows it locks first, or a text that stands where the change belongs among those of
  /// credentials; empty for none in particular.
  let credentialID: String
  /// Makes the change.
  let apply: @Sendable (Transaction) async throws -> Applied
  /// Answers the caller that nothing is known of the change, or that it was not made.
  let fail: @Sendable (any Error) -> Void
  private let abandoned = Atomic(false)
  private let failures = Atomic(0)

  init(
    of credentialID: String, accountID: String,
    apply: @escaping @Sendable (Transaction) async throws -> Applied, fail: @escaping @Sendable (any Error) -> Void
  ) {
    self.accountID = accountID
    self.credentialID = credentialID
    self.apply = apply
    self.fail = fail
  }

  /// Whether its caller has left. What has not begun by then need not be done.
  var isAbandoned: Bool { abandoned.load(ordering: .relaxed) }

  func abandon() {
    abandoned.store(true, ordering: .relaxed)
  }

  /// Notes that it failed because of what others did at the same time. Returns whether it may be tried again.
  func noteFailure(limit: Int) -> Bool {
    failures.wrappingAdd(1, ordering: .relaxed).newValue <= limit
  }
}
