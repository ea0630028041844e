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
  /// Looks a credential up under every pepper in one statement; `nil` when it is unknown, deleted, expired or its
  /// account is suspended.
  func lookUp(_ hash: SecretHash) async throws -> FoundCredential? {
    let candidates = peppers.keyedHashes(of: hash)
    // The remaining time is counted from the statement's start, which is after the question: never too long.
    let rows = try await read(
      """
      SELECT c.secret_hash, c.pepper_version, c.kind, c.account_id, c.credential_id, c.permissions,
        (extract(epoch FROM c.expire_time - statement_timestamp()) * 1000000)::int8 AS remaining
      FROM token.credential c JOIN token.account a ON a.account_id = c.account_id
      WHERE c.secret_hash = ANY($1) AND a.suspend_time IS NULL
        AND (c.expire_time IS NULL OR c.expire_time > statement_timestamp())
      """, .byteaArray(candidates.map(\.bytes)))
    for row in rows {
      let stored = KeyedHash(bytes: try row.decode("secret_hash"), pepperVersion: try row.decode("pepper_version"))
      guard candidates.contains(where: { $0.matches(stored) }), let credential = try Credential(row) else { continue }
      let current = candidates[0]
      let rekeying = stored.pepperVersion == current.pepperVersion ? nil : Rekeying(stale: stored, current: current)
      return FoundCredential(credential: credential, rekeying: rekeying)
    }
    return nil
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

  /// Deletes what is stored of a session's or an access token's secret.
  func deleteCredential(_ id: String, of accountID: String, in transaction: Transaction) async throws {
    _ = try await transaction.execute(
      "DELETE FROM token.credential WHERE account_id = $1 AND credential_id = $2", .text(accountID), .text(id))
  }
}

extension TokenStore: CredentialSource {
  /// The credential of the secret with this hash, read from the database for this call.
  package func credential(for hash: SecretHash) async throws -> Credential? {
    try await lookUp(hash)?.credential
  }
}

extension Credential {
  fileprivate init?(_ row: PostgresRow) throws {
    guard let kind = SecretKind(stored: try row.decode("kind")) else { return nil }
    let remaining: Int64? = try row.decode("remaining")
    let principal = Principal(
      accountID: try row.decode("account_id"), credentialID: try row.decode("credential_id"), kind: kind,
      permissions: Set(try row.decode("permissions", as: [String].self).compactMap(Permission.init(rawValue:))))
    self.init(principal, remainingLifetime: remaining.map { .microseconds($0) })
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
