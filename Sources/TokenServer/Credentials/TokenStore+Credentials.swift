import Postgres
import ServiceKit
package import TokenDomain

/// A credential that a look-up found.
struct FoundCredential: Sendable {
  let credential: Credential
  /// Set when the hash is keyed with a retired pepper.
  let rekeying: Rekeying?
}

/// A stored hash that is to be replaced by the same secret's hash under the current pepper.
struct Rekeying: Sendable {
  let stale: KeyedHash
  let current: KeyedHash
}

extension TokenStore {
  /// Looks a credential up under every pepper; it is `nil` when it is unknown, deleted or expired.
  ///
  /// - Returns: The credential, and the end of the revocation log in the same snapshot.
  func lookUp(_ hash: SecretHash) async throws -> (found: FoundCredential?, position: LogPosition) {
    let candidates = peppers.keyedHashes(of: hash)
    let rows = try await read(lookUpStatement, parameters: candidates.map { .bytea($0.bytes) })
    guard let end = rows.first else { throw RevocationLogError() }
    let position = LogPosition(
      revision: try end.decode("revision"), tag: UInt64(bitPattern: try end.decode("tag", as: Int64.self)))
    for row in rows {
      guard let bytes = try row.decode("secret_hash", as: [UInt8]?.self) else { continue }
      let stored = KeyedHash(bytes: bytes, pepperVersion: try row.decode("pepper_version"))
      guard candidates.contains(where: { $0.matches(stored) }), let credential = try Credential(row) else { continue }
      let current = candidates[0]
      let rekeying = stored.pepperVersion == current.pepperVersion ? nil : Rekeying(stale: stored, current: current)
      return (FoundCredential(credential: credential, rekeying: rekeying), position)
    }
    return (nil, position)
  }

  /// The statement of a look-up under so many peppers: one snapshot, and one row of each index.
  ///
  /// The log's end comes from its newest row: an old snapshot of another session makes the counter's row slow to read,
  /// which every change replaces. The remaining time is counted from the statement's start, which is after the
  /// question: never too long.
  package static func lookUpStatement(peppers count: Int) -> String {
    // A list, whose length PostgreSQL plans with, and no array: it would be taken for longer, and the account's table
    // be read as a whole.
    let hashes = (1...count).map { "$\($0)" }.joined(separator: ", ")
    return """
      SELECT log.revision, log.tag, c.*
      FROM (SELECT revision, tag FROM token.revocation ORDER BY revision DESC LIMIT 1) log
      LEFT JOIN LATERAL (
        SELECT secret_hash, pepper_version, kind, account_id, credential_id, permissions,
          stop_time IS NOT NULL OR COALESCE((
            SELECT a.suspend_time IS NOT NULL FROM token.account a WHERE a.account_id = credential.account_id
          ), true) AS is_stopped,
          (extract(epoch FROM expire_time - statement_timestamp()) * 1000000)::int8 AS remaining
        FROM token.credential
        WHERE secret_hash IN (\(hashes)) AND (expire_time IS NULL OR expire_time > statement_timestamp())
      ) c ON true
      """
  }

  /// Stores a secret's hash under the current pepper.
  func insertCredential(
    _ secret: Secret, accountID: String, credentialID: String, permissions: Set<Permission>,
    expireTime: PostgresTimestamp?, in transaction: Transaction
  ) async throws {
    let hash = peppers.current.keyedHash(of: SecretHash(secret))
    _ = try await transaction.execute(
      """
      INSERT INTO token.credential
        (secret_hash, pepper_version, kind, account_id, credential_id, permissions, expire_time)
      VALUES ($1, $2, $3, $4, $5, $6, $7)
      """,
      .bytea(hash.bytes), .int4(hash.pepperVersion), .text(secret.kind.stored), .text(accountID), .text(credentialID),
      .textArray(permissions.map(\.rawValue).sorted()), .optional(expireTime))
  }

  /// Deletes what is stored of a session's or an access token's secrets.
  func deleteCredential(_ id: String, of accountID: String, in transaction: Transaction) async throws {
    _ = try await transaction.execute(
      "DELETE FROM token.credential WHERE account_id = $1 AND credential_id = $2", .text(accountID), .text(id))
  }
}

extension TokenStore: CredentialSource {
  /// The credential of the secret with this hash, read from the database for this call.
  package func credential(for hash: SecretHash) async throws -> Credential? {
    try await lookUp(hash).found?.credential
  }
}

extension Credential {
  fileprivate init?(_ row: PostgresRow) throws {
    guard let kind = SecretKind(stored: try row.decode("kind")) else { return nil }
    let remaining: Int64? = try row.decode("remaining")
    let principal = Principal(
      accountID: try row.decode("account_id"), credentialID: try row.decode("credential_id"), kind: kind,
      permissions: Set(try row.decode("permissions", as: [String].self).compactMap(Permission.init(rawValue:))))
    self.init(
      principal, state: try row.decode("is_stopped") ? .stopped : .active,
      remainingLifetime: remaining.map { .microseconds($0) })
  }
}

extension SecretKind {
  /// The kind's name in the database.
  fileprivate var stored: String {
    switch self {
    case .accessToken: "access_token"
    case .dashboardSession: "dashboard_session"
    }
  }

  /// Reads a name of the database; `nil` for one that this version does not know.
  fileprivate init?(stored: String) {
    guard let kind = Self.allCases.first(where: { $0.stored == stored }) else { return nil }
    self = kind
  }
}
