import Postgres
import ServiceKit
import TokenDomain

extension TokenStore {
  /// Opens a dashboard session, unless the password was changed since it was checked.
  ///
  /// The sign-in's row stays locked until the commit: a change of the password either finds the session and ends it, or
  /// is seen here.
  ///
  /// - Parameters:
  ///   - record: The stored sign-in that the password was checked against.
  ///   - client: The network that signs in; `nil` when it is not known.
  /// - Returns: The secret, which is shown once, and the time at which the session ends by itself.
  /// - Throws: ``ServiceError`` `signInFailed` when another password is stored by now.
  func createSession(
    for record: SignInRecord, lifetime: Duration, from client: ClientAddress?
  ) async throws -> (secret: Secret, expireTime: PostgresTimestamp) {
    let secret = Secret(kind: .dashboardSession)
    let accountID = record.account.id
    return try await transaction { transaction in
      let id = ResourceID.make("ses")
      let rows = try await transaction.query(
        """
        INSERT INTO token.session (account_id, session_id, expire_time, client_address)
        SELECT account_id, $4, now() + $5 * interval '1 second', $6 FROM token.sign_in
        WHERE email_key = $1 AND account_id = $2 AND password_hash = $3 FOR SHARE
        RETURNING expire_time
        """,
        .text(record.emailKey), .text(accountID), .bytea(record.passwordHash.key), .text(id),
        .float8(lifetime.inSeconds), .optional(client?.text))
      guard let row = rows.first else { throw ServiceError(.signInFailed) }
      let expireTime: PostgresTimestamp = try row.decode(0)
      try await insertCredential(
        secret, accountID: accountID, credentialID: id, permissions: Set(Permission.allCases),
        expireTime: expireTime, in: transaction)
      try await AuditEntry(accountID: accountID, action: .createSession, actorID: accountID, subjectID: id)
        .write(in: transaction)
      return (secret, expireTime)
    }
  }

  /// The account's sessions that have not ended, newest first.
  ///
  /// - Throws: ``ServiceError`` `invalidArgument` when the page token is none of this list's.
  func sessions(
    of accountID: String, page: PageRequest
  ) async throws -> (items: [SessionRecord], nextToken: String) {
    let after = try page.after.map(TimePosition.init)
    let rows = try await read(
      """
      SELECT \(SessionRecord.columns) FROM token.session
      WHERE account_id = $1 AND expire_time > statement_timestamp()
        AND ($2::timestamptz IS NULL OR (create_time, session_id) < ($2, $3))
      ORDER BY create_time DESC, session_id DESC LIMIT $4
      """,
      .text(accountID), .optional(after.map { PostgresTimestamp(microsecondsSince1970: $0.microseconds) }),
      .optional(after?.id), .int(page.limit + 1))
    return page.page(try rows.map(SessionRecord.init)) {
      TimePosition(microseconds: $0.createTime.microsecondsSince1970, id: $0.id).text
    }
  }
}
