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
      switch try await new.operation.claim(for: id, of: principal.accountID, in: transaction) {
      case .first: break
      case .reused: throw ServiceError(.idempotencyKeyReused)
      case .repeated(let earlierID):
        let earlier = try await accessToken(earlierID, of: principal.accountID, in: transaction)
        guard let earlier else {
          throw ServiceError(.accessTokenNotFound, "The access token of this idempotency key has been deleted.")
        }
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

  /// The access token as it is in a transaction; `nil` when the account has no such token.
  func accessToken(
    _ id: String, of accountID: String, in transaction: Transaction
  ) async throws -> AccessTokenRecord? {
    try await transaction.query(Self.selectAccessToken, .text(accountID), .text(id)).first.map(AccessTokenRecord.init)
  }

  /// Refuses an id that no token can have: it is worth no statement, and may hold what PostgreSQL refuses in a text.
  static func requireAccessTokenID(_ id: String) throws(ServiceError) {
    guard id.hasPrefix("tok_"), id.utf8.count == 26, id.utf8.dropFirst(4).allSatisfy(Base62.isDigit) else {
      throw ServiceError(.accessTokenNotFound)
    }
  }

  private static let selectAccessToken = """
    SELECT \(AccessTokenRecord.columns) FROM token.access_token WHERE account_id = $1 AND access_token_id = $2
    """
}
