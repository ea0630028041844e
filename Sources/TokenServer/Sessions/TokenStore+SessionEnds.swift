import Postgres
import ServiceKit
import TokenDomain

// Once one of these has returned, no verifier answers that an ended session works.
extension TokenStore {
  /// Ends a dashboard session: the principal's own, or another one of its account.
  ///
  /// - Throws: ``ServiceError`` `sessionNotFound` when the account has no such session. The principal's own, which
  ///   another call may have ended a moment ago, is none of these.
  func deleteSession(_ id: String, for principal: Principal) async throws {
    // An id that no session can have is worth no statement, and may hold what PostgreSQL refuses in a text.
    guard ResourceID.isValid(id, prefix: "ses") else { throw ServiceError(.sessionNotFound) }
    _ = try await change(id) { transaction -> CredentialChange<Void> in
      let deleted = try await transaction.execute(
        "DELETE FROM token.session WHERE account_id = $1 AND session_id = $2", .text(principal.accountID), .text(id))
      try await deleteCredential(id, of: principal.accountID, in: transaction)
      guard deleted.affected > 0 else {
        // Another call with the same session was faster: it wrote the record.
        return id == principal.credentialID ? .alreadyMade(()) : .refused(ServiceError(.sessionNotFound))
      }
      try await audit(.deleteSession, of: id, by: principal, in: transaction)
      return .made(())
    }
  }

  /// Ends all dashboard sessions of the principal's account, or all but its own.
  func deleteSessions(keepingOwn isOwnKept: Bool, for principal: Principal) async throws {
    _ = try await revoke(of: Self.allSessions) { transaction -> (subjects: [Revocation.Subject], result: Void) in
      let ended = try await endSessions(
        of: principal.accountID, except: isOwnKept ? principal.credentialID : nil, in: transaction)
      if !ended.isEmpty {
        try await audit(.deleteSessions, of: principal.accountID, by: principal, in: transaction)
      }
      return (ended, ())
    }
  }

  /// Deletes the sessions of an account, or all but one, with what is stored of their secrets.
  ///
  /// They are locked in the order in which a batch sorts its changes, whatever the database's collation.
  ///
  /// - Returns: What has to be looked up again. Of several sessions that is the account, in one entry of the log: what
  ///   is left of it is found anew.
  func endSessions(
    of accountID: String, except kept: String?, in transaction: Transaction
  ) async throws -> [Revocation.Subject] {
    let rows = try await transaction.query(
      """
      WITH ended AS (
        SELECT session_id FROM token.session WHERE account_id = $1 AND session_id <> $2
        ORDER BY session_id COLLATE "C" FOR UPDATE
      )
      DELETE FROM token.session s USING ended WHERE s.account_id = $1 AND s.session_id = ended.session_id
      RETURNING s.session_id
      """,
      // No session has an empty id.
      .text(accountID), .text(kept ?? ""))
    let ids = try rows.map { try $0.decode(0, as: String.self) }
    guard let first = ids.first else { return [] }
    try await transaction.execute(
      "DELETE FROM token.credential WHERE account_id = $1 AND credential_id = ANY ($2)", .text(accountID),
      .textArray(ids))
    return ids.count == 1 ? [.credential(first)] : [.account(accountID)]
  }

  /// Where a change of all sessions stands in a batch: before those of each session, whose ids begin with this, and
  /// behind a change of the password, which locks the sign-in first.
  private static let allSessions = "ses"
}
