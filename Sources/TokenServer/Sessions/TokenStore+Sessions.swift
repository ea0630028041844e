import Postgres
import ServiceKit
import TokenDomain

extension TokenStore {
  /// Opens a dashboard session.
  ///
  /// - Returns: The secret, which is shown once, and the time at which the session ends by itself.
  func createSession(
    for account: AccountRecord, lifetime: Duration
  ) async throws -> (secret: Secret, expireTime: PostgresTimestamp) {
    let secret = Secret(kind: .dashboardSession)
    return try await transaction { transaction in
      let id = ResourceID.make("ses")
      let rows = try await transaction.query(
        """
        INSERT INTO token.session (account_id, session_id, expire_time)
        VALUES ($1, $2, now() + $3 * interval '1 second') RETURNING expire_time
        """,
        .text(account.id), .text(id), .float8(lifetime.inSeconds))
      guard let row = rows.first else { throw ServiceError(.unavailable) }
      let expireTime: PostgresTimestamp = try row.decode(0)
      try await insertCredential(
        secret, accountID: account.id, credentialID: id, permissions: Set(Permission.allCases),
        expireTime: expireTime, in: transaction)
      try await AuditEntry(accountID: account.id, action: .createSession, actorID: account.id, subjectID: id)
        .write(in: transaction)
      return (secret, expireTime)
    }
  }

  /// Ends a dashboard session. Once this has returned, no verifier answers that it works.
  func deleteSession(_ id: String, of accountID: String) async throws {
    _ = try await change(id) { transaction -> CredentialChange<Void> in
      let deleted = try await transaction.execute(
        "DELETE FROM token.session WHERE account_id = $1 AND session_id = $2", .text(accountID), .text(id))
      try await deleteCredential(id, of: accountID, in: transaction)
      // Another call with the same session was faster: it wrote the record.
      guard deleted.affected > 0 else { return .alreadyMade(()) }
      try await AuditEntry(accountID: accountID, action: .deleteSession, actorID: id, subjectID: id)
        .write(in: transaction)
      return .made(())
    }
  }
}
