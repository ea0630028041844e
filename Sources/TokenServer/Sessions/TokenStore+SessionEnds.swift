import Postgres
import ServiceKit
import TokenDomain

// Once one of these has returned, no verifier answers that an ended session works. A session that has ended itself by
// the time of the change ends no other: whoever holds a stolen one may have calls on their way that would end those
// which the owner has opened since.
extension TokenStore {
  /// Ends a dashboard session: the principal's own, or another one of its account.
  ///
  /// - Throws: ``ServiceError`` `sessionNotFound` when the account has no such session, `accessTokenInvalid` when the
  ///   principal's own has ended. To end that one, which another call may have done a moment ago, is neither.
  func deleteSession(_ id: String, for principal: Principal) async throws {
    // An id that no session can have is worth no statement, and may hold what PostgreSQL refuses in a text.
    guard ResourceID.isValid(id, prefix: "ses") else { throw ServiceError(.sessionNotFound) }
    _ = try await change(id) { transaction -> CredentialChange<Void> in
      let deleted = try await transaction.execute(
        """
        DELETE FROM token.session WHERE account_id = $1 AND session_id = $2 AND EXISTS (
          SELECT FROM token.session own WHERE own.account_id = $1 AND own.session_id = $3)
        """, .text(principal.accountID), .text(id), .text(principal.credentialID))
      guard deleted.affected > 0 else {
        // Another call with the same session was faster: it wrote the record.
        if id == principal.credentialID { return .alreadyMade(()) }
        let isSignedIn = try await isOpen(principal, in: transaction)
        return .refused(ServiceError(isSignedIn ? .sessionNotFound : .accessTokenInvalid))
      }
      try await deleteCredential(id, of: principal.accountID, in: transaction)
      try await audit(.deleteSession, of: id, by: principal, in: transaction)
      return .made(())
    }
  }

  /// Ends all dashboard sessions of the principal's account, or all but its own.
  ///
  /// - Throws: ``ServiceError`` `accessTokenInvalid` when its own has ended.
  func deleteSessions(keepingOwn isOwnKept: Bool, for principal: Principal) async throws {
    let (change, _) = try await revoke(of: Self.allSessions) {
      transaction -> (subjects: [Revocation.Subject], result: CredentialChange<Void>) in
      let sessions = try await lockSessions(of: principal.accountID, in: transaction)
      guard sessions.contains(principal.credentialID) else {
        return ([], .refused(ServiceError(.accessTokenInvalid)))
      }
      let ended = try await endSessions(
        isOwnKept ? sessions.filter { $0 != principal.credentialID } : sessions, of: principal.accountID,
        in: transaction)
      if !ended.isEmpty {
        try await audit(.deleteSessions, of: principal.accountID, by: principal, in: transaction)
      }
      return (ended, .made(()))
    }
    try change.get()
  }

  /// Locks the sessions of an account, and returns their ids.
  ///
  /// They are locked in the order in which a batch sorts its changes, whatever the database's collation.
  func lockSessions(of accountID: String, in transaction: Transaction) async throws -> [String] {
    let rows = try await transaction.query(
      "SELECT session_id FROM token.session WHERE account_id = $1 ORDER BY session_id COLLATE \"C\" FOR UPDATE",
      .text(accountID))
    return try rows.map { try $0.decode(0, as: String.self) }
  }

  /// Deletes sessions of an account, which are locked, with what is stored of their secrets.
  ///
  /// - Returns: What has to be looked up again: each of them or, of many, the account, for which a verifier looks
  ///   through all that it has cached.
  func endSessions(
    _ ids: [String], of accountID: String, in transaction: Transaction
  ) async throws -> [Revocation.Subject] {
    guard !ids.isEmpty else { return [] }
    try await transaction.execute(
      "DELETE FROM token.session WHERE account_id = $1 AND session_id = ANY ($2)", .text(accountID), .textArray(ids))
    try await transaction.execute(
      "DELETE FROM token.credential WHERE account_id = $1 AND credential_id = ANY ($2)", .text(accountID),
      .textArray(ids))
    return ids.count <= Self.namedSessions ? ids.map(Revocation.Subject.credential) : [.account(accountID)]
  }

  /// Whether the principal's session has not been ended.
  private func isOpen(_ principal: Principal, in transaction: Transaction) async throws -> Bool {
    let rows = try await transaction.query(
      "SELECT FROM token.session WHERE account_id = $1 AND session_id = $2", .text(principal.accountID),
      .text(principal.credentialID))
    return !rows.isEmpty
  }

  /// The most sessions that are revoked one by one.
  private static let namedSessions = 100
  /// Where a change of all sessions stands in a batch: before those of each session, whose ids begin with this, and
  /// behind what locks the sign-in first.
  private static let allSessions = "ses"
}
