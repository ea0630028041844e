import Crypto
import Postgres
import ServiceKit

/// A call on access tokens that can be repeated without being done twice.
struct IdempotentOperation: Sendable {
  /// The kinds of calls. The raw value is the kind's name in the database.
  enum Kind: String, Sendable {
    case create
    case rotate
  }

  /// What became of a key.
  enum Claim: Sendable, Hashable {
    /// The call is the first with the key, or has none.
    case first
    /// It repeats the call that led to this access token.
    case repeated(accessTokenID: String)
    /// The key came with another request.
    case reused
  }

  let kind: Kind
  /// Makes a retry safe; `nil` when no retry is to be recognized.
  let key: String?
  /// SHA-256 of the request without its key.
  let requestHash: [UInt8]

  /// Claims the key for a call that leads to this access token. Of two calls at once the second waits for the commit of
  /// the first.
  func claim(
    for accessTokenID: String, of accountID: String, in transaction: Transaction
  ) async throws -> Claim {
    guard let key else { return .first }
    let keyHash = Array(SHA256.hash(data: Array(key.utf8)))
    let claimed = try await transaction.execute(
      """
      INSERT INTO token.idempotency (account_id, key_hash, operation, request_hash, access_token_id)
      VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
      """,
      .text(accountID), .bytea(keyHash), .text(kind.rawValue), .bytea(requestHash), .text(accessTokenID))
    if claimed.affected == 1 { return .first }

    let known = try await transaction.query(
      "SELECT operation, request_hash, access_token_id FROM token.idempotency WHERE account_id = $1 AND key_hash = $2",
      .text(accountID), .bytea(keyHash))
    guard let row = known.first, try row.decode(0, as: String.self) == kind.rawValue,
      try row.decode(1, as: [UInt8].self) == requestHash
    else { return .reused }
    return .repeated(accessTokenID: try row.decode(2))
  }
}
