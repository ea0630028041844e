import Postgres
import ServiceKit
import TokenDomain

/// A dashboard session that has just been opened.
struct NewSession: Sendable {
  /// The most sessions of an account that have not ended. Sign-ins at the same moment may exceed it by their number.
  static let limit = 1_000

  /// Its secret, which is shown once.
  let secret: Secret
  /// When it ends by itself.
  let expireTime: PostgresTimestamp
}

extension TokenStore {
  /// Opens a dashboard session, unless the password was changed since it was checked.
  ///
  /// - Parameters:
  ///   - record: The stored sign-in that the password was checked against.
  ///   - client: The network that signs in; `nil` when it is not known.
  /// - Throws: ``ServiceError`` `signInFailed` when another password is stored by now, `quotaExceeded` when the account
  ///   has too many sessions.
  func createSession(
    for record: SignInRecord, lifetime: Duration, from client: ClientAddress?
  ) async throws -> NewSession {
    try await transaction { transaction in
      try await openSession(for: record, lifetime: lifetime, from: client, in: transaction)
    }
  }

  /// Opens a dashboard session, as ``createSession(for:lifetime:from:)`` does, and ends all others of the account. Once
  /// this has returned, no verifier answers that one of them works.
  func createOnlySession(
    for record: SignInRecord, lifetime: Duration, from client: ClientAddress?
  ) async throws -> NewSession {
    let accountID = record.account.id
    // Of nothing in particular, as a change of the password: the sign-in is locked before the account's credentials.
    let (change, _) = try await revoke(in: accountID) {
      transaction -> (subjects: [Revocation.Subject], result: CredentialChange<NewSession>) in
      // Locked as a change locks it: a session that another sign-in is making is there to be ended, or comes later.
      let known = try await transaction.query(
        """
        SELECT FROM token.sign_in WHERE email_key = $1 AND account_id = $2 AND password_hash = $3 FOR NO KEY UPDATE
        """, parameters: record.identity)
      guard known.count == 1 else { return ([], .refused(ServiceError(.signInFailed))) }
      let ended = try await endSessions(
        try await lockSessions(of: accountID, in: transaction), of: accountID, in: transaction)
      if !ended.isEmpty {
        try await AuditEntry(accountID: accountID, action: .deleteSessions, actorID: accountID, subjectID: accountID)
          .write(in: transaction)
      }
      let session = try await openSession(for: record, lifetime: lifetime, from: client, in: transaction)
      return (ended, .made(session))
    }
    return try change.get()
  }

  /// Opens a dashboard session, with its secret and its audit record.
  ///
  /// The sign-in's row stays locked until the commit: a change of the password either finds the session and ends it, or
  /// is seen here.
  ///
  /// - Throws: As ``createSession(for:lifetime:from:)``.
  func openSession(
    for record: SignInRecord, lifetime: Duration, from client: ClientAddress?, in transaction: Transaction
  ) async throws -> NewSession {
    let (secret, id, accountID) = (Secret(kind: .dashboardSession), ResourceID.make("ses"), record.account.id)
    let values: [PostgresValue] = [
      .text(id), .float8(lifetime.inSeconds), .optional(client?.text), .int(NewSession.limit),
    ]
    let rows = try await transaction.query(
      """
      WITH known AS MATERIALIZED (
        SELECT account_id FROM token.sign_in
        WHERE email_key = $1 AND account_id = $2 AND password_hash = $3 FOR SHARE
      ), opened AS (
        INSERT INTO token.session (account_id, session_id, expire_time, client_address)
        SELECT account_id, $4, now() + $5 * interval '1 second', $6 FROM known
        WHERE $7 > (
          SELECT count(*) FROM token.session s WHERE s.account_id = $2 AND s.expire_time > statement_timestamp())
        RETURNING expire_time
      )
      SELECT (SELECT expire_time FROM opened) FROM known
      """, parameters: record.identity + values)
    guard let row = rows.first else { throw ServiceError(.signInFailed) }
    guard let expireTime = try row.decode(0, as: PostgresTimestamp?.self) else {
      throw ServiceError(quota: Int64(NewSession.limit), of: "sessions")
    }
    try await insertCredential(
      secret, accountID: accountID, credentialID: id, permissions: Set(Permission.allCases), expireTime: expireTime,
      in: transaction)
    try await AuditEntry(accountID: accountID, action: .createSession, actorID: accountID, subjectID: id)
      .write(in: transaction)
    return NewSession(secret: secret, expireTime: expireTime)
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
