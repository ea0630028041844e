import Postgres
import ServiceKit
package import TokenDomain

extension TokenStore {
  /// Gives an access token a new secret. The present one works on for the rotation's grace and never past its own
  /// expiry; one that was still being replaced stops at once.
  ///
  /// - Returns: The token's record, its new secret unless the call repeats an idempotency key, and the receipt.
  /// - Throws: ``ServiceError`` `accessTokenNotFound` when the account has no such token, `idempotencyKeyReused` when
  ///   the key came with another request.
  package func rotateAccessToken(
    _ rotation: AccessTokenRotation, for principal: Principal
  ) async throws -> (record: AccessTokenRecord, secret: Secret?, receipt: RevocationReceipt) {
    let id = rotation.accessTokenID
    try Self.requireAccessTokenID(id)
    let secret = Secret(kind: .accessToken)
    let ((record, shown), receipt) = try await change(id) {
      transaction -> CredentialChange<(AccessTokenRecord, Secret?)> in
      let locked = try await transaction.query(
        "SELECT access_token_id FROM token.access_token WHERE account_id = $1 AND access_token_id = $2 FOR UPDATE",
        .text(principal.accountID), .text(id))
      guard !locked.isEmpty, let record = try await accessToken(id, of: principal.accountID, in: transaction) else {
        return .refused(ServiceError(.accessTokenNotFound))
      }
      switch try await rotation.operation.claim(for: id, of: principal.accountID, in: transaction) {
      case .first: break
      case .reused: return .refused(ServiceError(.idempotencyKeyReused))
      case .repeated: return .alreadyMade((record, nil))
      }
      try await replaceSecret(of: record, by: secret, after: rotation.grace, for: principal, in: transaction)
      try await audit(.rotateAccessToken, of: id, by: principal, in: transaction)
      guard let rotated = try await accessToken(id, of: principal.accountID, in: transaction) else {
        return .refused(ServiceError(.accessTokenNotFound))
      }
      return .made((rotated, secret))
    }
    return (record, shown, receipt)
  }

  private func replaceSecret(
    of record: AccessTokenRecord, by secret: Secret, after grace: Duration, for principal: Principal,
    in transaction: Transaction
  ) async throws {
    try await transaction.execute(
      "DELETE FROM token.credential WHERE account_id = $1 AND credential_id = $2 AND (is_previous OR $3)",
      .text(principal.accountID), .text(record.id), .bool(grace == .zero))
    // LEAST ignores NULL.
    try await transaction.execute(
      """
      UPDATE token.credential SET is_previous = true,
        expire_time = LEAST(expire_time, statement_timestamp() + $3 * interval '1 second')
      WHERE account_id = $1 AND credential_id = $2
      """, .text(principal.accountID), .text(record.id), .float8(grace.inSeconds))
    try await insertCredential(
      secret, accountID: principal.accountID, credentialID: record.id, permissions: record.permissions,
      expireTime: record.expireTime, in: transaction)
    if let disableTime = record.disableTime {
      try await transaction.execute(
        "UPDATE token.credential SET stop_time = $3 WHERE account_id = $1 AND credential_id = $2",
        .text(principal.accountID), .text(record.id), .timestamp(disableTime))
    }
    try await transaction.execute(
      "UPDATE token.access_token SET last_four = $3 WHERE account_id = $1 AND access_token_id = $2",
      .text(principal.accountID), .text(record.id), .text(secret.lastFour))
  }
}
