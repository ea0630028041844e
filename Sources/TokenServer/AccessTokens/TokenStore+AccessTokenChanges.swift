import Postgres
import ServiceKit
package import TokenDomain

// Once one of these has returned, no verifier answers by what was before. Each locks the token's row first, so that
// changes of one token come one after another.
extension TokenStore {
  /// Changes an access token.
  ///
  /// - Returns: The token's record, and the receipt unless only the name was to change, which no look-up answers.
  /// - Throws: ``ServiceError`` `accessTokenNotFound` when the account has no such token, `invalidArgument` when the
  ///   expiry is not in the future, or is to change though the token has expired.
  package func updateAccessToken(
    _ id: String, _ update: AccessTokenUpdate, for principal: Principal
  ) async throws -> (record: AccessTokenRecord, receipt: RevocationReceipt?) {
    try Self.requireAccessTokenID(id)
    guard update.concernsLookUps else {
      let change = try await transaction { try await apply(update, to: id, for: principal, in: $0) }
      return (try change.get(), nil)
    }
    let (record, receipt) = try await change(id) { try await apply(update, to: id, for: principal, in: $0) }
    return (record, receipt)
  }

  /// Stops an access token, with all its secrets, until it is enabled again.
  ///
  /// - Throws: ``ServiceError`` `accessTokenNotFound` when the account has no such token.
  package func disableAccessToken(
    _ id: String, for principal: Principal
  ) async throws -> (record: AccessTokenRecord, receipt: RevocationReceipt) {
    try await setDisabled(true, id, for: principal)
  }

  /// Lets a disabled access token work again.
  ///
  /// - Throws: ``ServiceError`` `accessTokenNotFound` when the account has no such token.
  package func enableAccessToken(
    _ id: String, for principal: Principal
  ) async throws -> (record: AccessTokenRecord, receipt: RevocationReceipt) {
    try await setDisabled(false, id, for: principal)
  }

  /// Deletes an access token, with all its secrets.
  ///
  /// - Throws: ``ServiceError`` `accessTokenNotFound` when the account has no such token.
  package func deleteAccessToken(_ id: String, for principal: Principal) async throws -> RevocationReceipt {
    try Self.requireAccessTokenID(id)
    return try await change(id) { transaction -> CredentialChange<Void> in
      let deleted = try await transaction.execute(
        "DELETE FROM token.access_token WHERE account_id = $1 AND access_token_id = $2",
        .text(principal.accountID), .text(id))
      guard deleted.affected > 0 else { return .refused(ServiceError(.accessTokenNotFound)) }
      try await deleteCredential(id, of: principal.accountID, in: transaction)
      try await audit(.deleteAccessToken, of: id, by: principal, in: transaction)
      return .made(())
    }.receipt
  }

  /// Writes the audit record of what a principal has done to its account, or to one of the account's credentials.
  func audit(
    _ action: AuditEntry.Action, of id: String, by principal: Principal, in transaction: Transaction
  ) async throws {
    try await AuditEntry(
      accountID: principal.accountID, action: action, actorID: principal.credentialID, subjectID: id
    ).write(in: transaction)
  }

  private func apply(
    _ update: AccessTokenUpdate, to id: String, for principal: Principal, in transaction: Transaction
  ) async throws -> CredentialChange<AccessTokenRecord> {
    var expireTime = PostgresValue.typedNull(.timestamptz)
    if case .at(let time) = update.expiry { expireTime = .timestamp(time) }
    let found = try await transaction.query(
      """
      SELECT COALESCE(expire_time <= statement_timestamp() + interval '1 minute', false) AS is_expiring,
        COALESCE($3 > statement_timestamp()
          AND $3 <= statement_timestamp() + \(AccessTokenValidation.longestLifetime) * interval '1 second', true)
          AS is_possible
      FROM token.access_token WHERE account_id = $1 AND access_token_id = $2 FOR UPDATE
      """, .text(principal.accountID), .text(id), expireTime)
    guard let row = found.first else { return .refused(ServiceError(.accessTokenNotFound)) }
    guard try row.decode("is_possible", as: Bool.self) else {
      return .refused(ServiceError(violating: "access_token.expire_time", AccessTokenValidation.expiryRule))
    }
    // To verifiers an expired secret is unknown, and they may rely on it that no unknown one ever works: it must not
    // expire before this has committed, which takes no minute.
    if update.expiry != nil, try row.decode("is_expiring", as: Bool.self) {
      return .refused(
        ServiceError(
          violating: "access_token.expire_time",
          "cannot change any more, as the token has expired or does so within a minute"))
    }

    let permissions = update.permissions.map { PostgresValue.textArray($0.map(\.rawValue).sorted()) }
    let rows = try await transaction.query(
      """
      UPDATE token.access_token SET name = COALESCE($3, name), permissions = COALESCE($4, permissions),
        expire_time = CASE WHEN $5 THEN $6 ELSE expire_time END
      WHERE account_id = $1 AND access_token_id = $2
      """,
      .text(principal.accountID), .text(id), .optional(update.name), permissions ?? .typedNull(.textArray),
      .bool(update.expiry != nil), expireTime)
    guard rows.affected == 1 else { return .refused(ServiceError(.accessTokenNotFound)) }
    if update.concernsLookUps {
      // A replaced secret ends with its token at the latest, and never later than it was to.
      try await transaction.execute(
        """
        UPDATE token.credential SET permissions = COALESCE($3, permissions),
          expire_time = CASE WHEN NOT $4 THEN expire_time WHEN is_previous THEN LEAST(expire_time, $5) ELSE $5 END
        WHERE account_id = $1 AND credential_id = $2
        """,
        .text(principal.accountID), .text(id), permissions ?? .typedNull(.textArray), .bool(update.expiry != nil),
        expireTime)
    }
    try await audit(.updateAccessToken, of: id, by: principal, in: transaction)
    guard let record = try await accessToken(id, of: principal.accountID, in: transaction) else {
      return .refused(ServiceError(.accessTokenNotFound))
    }
    return .made(record)
  }

  private func setDisabled(
    _ isDisabled: Bool, _ id: String, for principal: Principal
  ) async throws -> (record: AccessTokenRecord, receipt: RevocationReceipt) {
    try Self.requireAccessTokenID(id)
    let (record, receipt) = try await change(id) { transaction -> CredentialChange<AccessTokenRecord> in
      let changed = try await transaction.query(
        """
        UPDATE token.access_token SET disable_time = CASE WHEN $3 THEN statement_timestamp() END
        WHERE account_id = $1 AND access_token_id = $2 AND (disable_time IS NULL) = $3
        RETURNING \(AccessTokenRecord.columns)
        """, .text(principal.accountID), .text(id), .bool(isDisabled))
      guard let row = changed.first else {
        let found = try await accessToken(id, of: principal.accountID, in: transaction)
        return found.map { .alreadyMade($0) } ?? .refused(ServiceError(.accessTokenNotFound))
      }
      let record = try AccessTokenRecord(row)
      try await transaction.execute(
        "UPDATE token.credential SET stop_time = $3 WHERE account_id = $1 AND credential_id = $2",
        .text(principal.accountID), .text(id), .optional(record.disableTime))
      try await audit(isDisabled ? .disableAccessToken : .enableAccessToken, of: id, by: principal, in: transaction)
      return .made(record)
    }
    return (record, receipt)
  }
}
