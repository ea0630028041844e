import Postgres
import ServiceKit
import TokenDomain

extension TokenStore {
  /// Makes sure that there is a pepper for every stored hash whose secret may still work. Without it such a secret
  /// would be unknown, and be refused as one that never was.
  ///
  /// It reads an entry of the index for each version, and no hash unless a version is missing.
  ///
  /// - Throws: ``SettingError`` that names the versions which are missing, `PostgresError`.
  package func requirePeppers() async throws {
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
  }

  private static func missingPeppers(_ versions: String) -> String {
    "TEMPORIS_TOKEN_PEPPERS lacks a version that stored credentials are keyed with: \(versions). Add it behind the "
      + "current one, or give these credentials up: DELETE FROM token.credential WHERE pepper_version IN (\(versions))"
  }
}
