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

/// A look-up of some secrets, which is one statement.
struct CredentialQuestion: Sendable {
  /// The hashes under which each secret may be stored, the current pepper's first.
  fileprivate let candidates: [[KeyedHash]]
  fileprivate let statement: String
  fileprivate let parameters: [PostgresValue]
}

/// What a look-up of some secrets has found.
struct CredentialAnswer: Sendable {
  /// The credentials in the order of the secrets; one is `nil` when it is unknown, deleted or expired.
  let found: [FoundCredential?]
  /// The end of the revocation log in the same snapshot.
  let position: LogPosition
}

/// The columns of a look-up's rows, by position: there are many of them, and a name would be searched for each.
private enum Column {
  static let revision = 0
  static let tag = 1
  static let secretHash = 2
  static let pepperVersion = 3
  static let kind = 4
  static let accountID = 5
  static let credentialID = 6
  static let permissions = 7
  static let isStopped = 8
  static let remaining = 9
}

extension TokenStore {
  /// How many secrets the statements of a look-up are for: few, as each connection keeps a plan of each.
  static let lookUpCounts = [1, 2, 4, 8, 16, 32, CredentialLookup.limit]

  /// Looks credentials up under every pepper.
  ///
  /// - Parameter hashes: At least one, and at most ``CredentialLookup/limit``.
  func lookUp(_ hashes: [SecretHash]) async throws -> CredentialAnswer {
    let question = try question(hashes)
    do {
      try await requirePeppers()
    } catch let error as SettingError {
      throw ServiceError(.unavailable, "Credentials cannot be looked up.", cause: error)
    }
    return try Self.answer(to: question, try await read(question.statement, parameters: question.parameters))
  }

  /// Looks credentials up as ``lookUp(_:)`` does, for a caller outside a task, once the peppers are known to be there.
  ///
  /// - Parameters:
  ///   - patience: How long the statement may wait for its turn; `nil` for as long as any.
  ///   - completion: Called once, on the database's thread or before this returns.
  /// - Throws: ``ServiceError`` `invalidArgument`.
  /// - Returns: Whether `completion` is called; false until ``requirePeppers()`` has passed.
  func lookUp(
    _ hashes: [SecretHash], patience: Duration?,
    completion: @escaping @Sendable (Result<CredentialAnswer, any Error>) -> Void
  ) throws(ServiceError) -> Bool {
    guard hasPeppers.value else { return false }
    let question = try question(hashes)
    read(question.statement, parameters: question.parameters, patience: patience) { rows in
      completion(Result { try Self.answer(to: question, rows.get()) })
    }
    return true
  }

  private func question(_ hashes: [SecretHash]) throws(ServiceError) -> CredentialQuestion {
    guard let last = hashes.last, let size = Self.lookUpCounts.firstIndex(where: { hashes.count <= $0 }) else {
      throw ServiceError(violating: "secret_sha256", "must be 1 to \(CredentialLookup.limit) values")
    }
    let candidates = hashes.map { peppers.keyedHashes(of: $0) }
    // The statement is for some more: the last is asked for again.
    let padding = Array(repeating: peppers.keyedHashes(of: last), count: Self.lookUpCounts[size] - hashes.count)
    return CredentialQuestion(
      candidates: candidates, statement: lookUpStatements[size],
      parameters: (candidates + padding).flatMap { $0.map { .bytea($0.bytes) } })
  }

  private static func answer(to question: CredentialQuestion, _ rows: PostgresRows) throws -> CredentialAnswer {
    guard let end = rows.first else { throw RevocationLogError() }
    let position = LogPosition(
      revision: try end.decode(Column.revision), tag: UInt64(bitPattern: try end.decode(Column.tag, as: Int64.self)))
    var stored: [[UInt8]: (KeyedHash, Credential)] = [:]
    for row in rows {
      guard let bytes = try row.decode(Column.secretHash, as: [UInt8]?.self), let credential = try Credential(row)
      else { continue }
      stored[bytes] = (KeyedHash(bytes: bytes, pepperVersion: try row.decode(Column.pepperVersion)), credential)
    }
    let found = question.candidates.map { candidates -> FoundCredential? in
      for candidate in candidates {
        guard let (hash, credential) = stored[candidate.bytes], candidate.matches(hash) else { continue }
        let current = candidates[0]
        let rekeying = hash.pepperVersion == current.pepperVersion ? nil : Rekeying(stale: hash, current: current)
        return FoundCredential(credential: credential, rekeying: rekeying)
      }
      return nil
    }
    return CredentialAnswer(found: found, position: position)
  }

  /// The statement of a look-up of so many keyed hashes: one snapshot, and one row of each index for a hash.
  ///
  /// The log's end comes from its newest row: an old snapshot of another session makes the counter's row slow to read,
  /// which every change replaces. The remaining time is counted from the statement's start, which is after the
  /// question: never too long.
  package static func lookUpStatement(hashes count: Int) -> String {
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
    try await lookUp([hash]).found[0]?.credential
  }
}

extension Credential {
  fileprivate init?(_ row: PostgresRow) throws {
    guard let kind = SecretKind(stored: try row.decode(Column.kind)) else { return nil }
    let remaining: Int64? = try row.decode(Column.remaining)
    let permissions = try row.decode(Column.permissions, as: [String].self).compactMap(Permission.init(rawValue:))
    let principal = Principal(
      accountID: try row.decode(Column.accountID), credentialID: try row.decode(Column.credentialID), kind: kind,
      permissions: Set(permissions))
    self.init(
      principal, state: try row.decode(Column.isStopped) ? .stopped : .active,
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
