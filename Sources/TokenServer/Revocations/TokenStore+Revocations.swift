package import Postgres
import ServiceKit
package import TokenDomain

extension TokenStore {
  /// Makes a change of what look-ups answer, and returns once no verifier answers by what was before.
  ///
  /// The change shares a transaction with those of other callers, and is undone alone when it throws; it may run again
  /// after a deadlock. Its statements must lock no more than what belongs to its own account.
  ///
  /// A task that is cancelled leaves: a change that had begun is made all the same, and the next call for the same
  /// subject waits for it.
  ///
  /// - Parameters:
  ///   - credentialID: What the change is of, whose rows it locks first, or a text that stands where the change belongs
  ///     among those of credentials; empty for nothing in particular.
  ///   - accountID: The account whose rows it locks; `nil` for that of the call's own principal.
  ///   - change: Returns what has to be looked up again. Nothing: it found what it was to do done already, which may be
  ///     a moment ago, so that the verifiers are waited for as after the first time.
  /// - Throws: What the change throws, `PostgresError`, or ``ServiceError`` `rateLimited` when too many wait. After
  ///   ``PostgresError/Code/connectionLost`` nobody knows whether the change was made.
  package func revoke<Result: Sendable>(
    of credentialID: String = "", in accountID: String? = nil,
    _ change: @escaping @Sendable (Transaction) async throws -> (subjects: [Revocation.Subject], result: Result)
  ) async throws -> (result: Result, receipt: RevocationReceipt) {
    let (answers, continuation) = AsyncThrowingStream.makeStream(
      of: (result: Result, receipt: RevocationReceipt).self, bufferingPolicy: .bufferingNewest(1))
    let accountID = accountID ?? Principal.current?.accountID ?? ""
    let waiting = RevokingChange(of: credentialID, accountID: accountID) { transaction in
      let (subjects, result) = try await change(transaction)
      return RevokingChange.Applied(subjects: subjects) { receipt in
        continuation.yield((result, receipt))
        continuation.finish()
      }
    } fail: { error in
      continuation.finish(throwing: error)
    }
    continuation.onTermination = { [weak waiting] _ in waiting?.abandon() }
    revocations.writer.submit(waiting)
    for try await answer in answers { return answer }
    throw CancellationError()
  }

  /// Returns once no verifier answers by what was before the log's present end.
  package func waitForCurrentRevision() async throws -> RevocationReceipt {
    try await revoke { _ in ([], ()) }.receipt
  }

  /// Suspends an account, whose credentials stop everywhere, or lets it go on. The schema sees to the revision.
  ///
  /// For a store whose database is the schema's owner's: the service itself suspends nobody.
  package func setSuspension(of accountID: String, _ isSuspended: Bool) async throws -> RevocationReceipt {
    try await transaction { transaction in
      _ = try await transaction.execute(
        "UPDATE token.account SET suspend_time = CASE WHEN $2 THEN now() END WHERE account_id = $1",
        .text(accountID), .bool(isSuspended))
    }
    return try await waitForCurrentRevision()
  }
}
