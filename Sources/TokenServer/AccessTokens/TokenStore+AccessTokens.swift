import Crypto
import Postgres
package import ServiceKit
package import TokenDomain

extension TokenStore {
  /// Creates an access token.
  ///
  /// - Returns: The token's record, and its secret unless the call repeats an idempotency key.
  /// - Throws: ``ServiceError`` `idempotencyKeyReused` when the key came with another request, `accessTokenNotFound`
  ///   when the token that the key created has been deleted.
  package func createAccessToken(
    _ new: NewAccessToken, for principal: Principal
  ) async throws -> (record: AccessTokenRecord, secret: Secret?) {
    let secret = Secret(kind: .accessToken)
    return try await transaction { transaction in
      let id = ResourceID.make("tok")
      if let earlier = try await claim(new, id: id, for: principal.accountID, in: transaction) {
        return (earlier, nil)
      }
      let rows = try await transaction.query(
        """
        INSERT INTO token.access_token
          (account_id, access_token_id, name, last_four, permissions, creator_id, expire_time)
        VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second') RETURNING \(AccessTokenRecord.columns)
        """,
        .text(principal.accountID), .text(id), .text(new.name), .text(secret.lastFour),
        .textArray(new.permissions.map(\.rawValue).sorted()), .text(principal.credentialID),
        .optional(new.lifetime?.inSeconds))
      guard let row = rows.first else { throw ServiceError(.unavailable) }
      let record = try AccessTokenRecord(row)
      try await insertCredential(
        secret, accountID: principal.accountID, credentialID: id, permissions: new.permissions,
        expireTime: record.expireTime, in: transaction)
      try await AuditEntry(
        accountID: principal.accountID, action: .createAccessToken, actorID: principal.credentialID, subjectID: id
      ).write(in: transaction)
      return (record, secret)
    }
  }

  /// The account's access tokens, newest first.
  ///
  /// - Throws: ``ServiceError`` `invalidArgument` when the page token is none of this list's.
  package func accessTokens(
    of accountID: String, page: PageRequest
  ) async throws -> (items: [AccessTokenRecord], nextToken: String) {
    let after = try page.after.map(TimePosition.init)
    let rows = try await read(
      """
      SELECT \(AccessTokenRecord.columns) FROM token.access_token
      WHERE account_id = $1 AND ($2::timestamptz IS NULL OR (create_time, access_token_id) < ($2, $3))
      ORDER BY create_time DESC, access_token_id DESC LIMIT $4
      """,
      .text(accountID), .optional(after.map { PostgresTimestamp(microsecondsSince1970: $0.microseconds) }),
      .optional(after?.id), .int(page.limit + 1))
    return page.page(try rows.map(AccessTokenRecord.init)) {
      TimePosition(microseconds: $0.createTime.microsecondsSince1970, id: $0.id).text
    }
  }

  /// Reads an access token.
  ///
  /// - Throws: ``ServiceError`` `accessTokenNotFound` when the account has no such token.
  package func accessToken(_ id: String, of accountID: String) async throws -> AccessTokenRecord {
    try Self.requireAccessTokenID(id)
    let rows = try await read(Self.selectAccessToken, .text(accountID), .text(id))
    guard let row = rows.first else { throw ServiceError(.accessTokenNotFound) }
    return try AccessTokenRecord(row)
  }

  /// Deletes an access token. Once this has returned, no look-up that starts later finds it.
  ///
  /// - Throws: ``ServiceError`` `accessTokenNotFound` when the account has no such token.
  package func deleteAccessToken(_ id: String, for principal: Principal) async throws {
    try Self.requireAccessTokenID(id)
    try await transaction { transaction in
      let deleted = try await transaction.execute(
        "DELETE FROM token.access_token WHERE account_id = $1 AND access_token_id = $2",
        .text(principal.accountID), .text(id))
      guard deleted.affected > 0 else { throw ServiceError(.accessTokenNotFound) }
      try await deleteCredential(id, of: principal.accountID, in: transaction)
      try await AuditEntry(
        accountID: principal.accountID, action: .deleteAccessToken, actorID: principal.credentialID, subjectID: id
      ).write(in: transaction)
    }
  }

  private static let selectAccessToken = """
    SELECT \(AccessTokenRecord.columns) FROM token.access_token WHERE account_id = $1 AND access_token_id = $2
    """

  /// Refuses an id that no token can have: it is worth no statement, and may hold what PostgreSQL refuses in a text.
  private static func requireAccessTokenID(_ id: String) throws(ServiceError) {
    guard id.hasPrefix("tok_"), id.utf8.count == 26, id.utf8.dropFirst(4).allSatisfy(Base62.isDigit) else {
      throw ServiceError(.accessTokenNotFound)
    }
  }

  /// Claims the idempotency key for the token `id`, or returns the record that an earlier call created with it. Of two
  /// calls at once the second waits for the first one's commit.
  private func claim(
    _ new: NewAccessToken, id: String, for accountID: String, in transaction: Transaction
  ) async throws -> AccessTokenRecord? {
    guard let key = new.idempotencyKey else { return nil }
    let keyHash = Array(SHA256.hash(data: Array(key.utf8)))
    let claimed = try await transaction.execute(
      """
      INSERT INTO token.idempotency (account_id, key_hash, request_hash, access_token_id) VALUES ($1, $2, $3, $4)
      ON CONFLICT DO NOTHING
      """,
      .text(accountID), .bytea(keyHash), .bytea(new.requestHash), .text(id))
    if claimed.affected == 1 { return nil }

    let known = try await transaction.query(
      "SELECT request_hash, access_token_id FROM token.idempotency WHERE account_id = $1 AND key_hash = $2",
      .text(accountID), .bytea(keyHash))
    guard let row = known.first, try row.decode(0, as: [UInt8].self) == new.requestHash else {
      throw ServiceError(.idempotencyKeyReused)
    }
    let tokens = try await transaction.query(Self.selectAccessToken, .text(accountID), .text(try row.decode(1)))
    guard let token = tokens.first else { throw ServiceError(.accessTokenNotFound) }
    return try AccessTokenRecord(token)
  }
}
