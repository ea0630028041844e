import Postgres
import ServiceKit
import Synchronization
import TokenDomain

/// Whether there is a pepper for every stored hash whose secret may still work.
final class PeppersKnown: Sendable {
  private let flag = Atomic(false)

  var value: Bool { flag.load(ordering: .acquiring) }

  func set() {
    flag.store(true, ordering: .releasing)
  }
}

extension TokenStore {
  /// Makes sure that there is a pepper for every stored hash whose secret may still work. Without it such a secret
  /// would be unknown, and be refused as one that never was.
  ///
  /// It reads an entry of the index for each version, and no hash unless a version is missing; nothing once it has
  /// passed.
  ///
  /// - Throws: ``SettingError`` that names the versions which are missing, `PostgresError`.
  package func requirePeppers() async throws {
    guard !hasPeppers.value else { return }
    let versions = [peppers.current.version] + peppers.retired.map(\.version)
    let rows = try await read(
      """
      WITH RECURSIVE stored AS (
        (SELECT pepper_version AS version FROM token.credential ORDER BY pepper_version LIMIT 1)
        UNION ALL
        SELECT (
          SELECT c.pepper_version FROM token.credential c WHERE c.pepper_version > stored.version
          ORDER BY c.pepper_version LIMIT 1)
        FROM stored WHERE stored.version IS NOT NULL
      )
      SELECT version::int8 FROM stored
      WHERE version IS NOT NULL AND version <> ALL ($1::int8[]) AND EXISTS (
        SELECT FROM token.credential c
        WHERE c.pepper_version = stored.version AND (c.expire_time IS NULL OR c.expire_time > statement_timestamp()))
      ORDER BY version
      """, .int8Array(versions.map(Int64.init)))
    let missing = try rows.map { String(try $0.decode(0, as: Int64.self)) }
    guard missing.isEmpty else { throw SettingError(Self.missingPeppers(missing.joined(separator: ", "))) }
    hasPeppers.set()
  }

  private static func missingPeppers(_ versions: String) -> String {
    "TEMPORIS_TOKEN_PEPPERS lacks a version that stored credentials are keyed with: \(versions). Add it behind the "
      + "current one. Or give these credentials up: stop the auth-verifiers, which may have cached them, and then DELETE "
      + "FROM token.credential WHERE pepper_version IN (\(versions))"
  }
}
