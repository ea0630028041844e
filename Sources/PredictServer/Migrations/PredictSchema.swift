package import Postgres

/// The PostgreSQL schema of this service: data sources, their rows, data profiles, cards, billing records and the answers
/// that idempotency keys replay.
package enum PredictSchema {
  /// The schema's name.
  package static let name = "predict"

  /// The role that the service runs as. The owner runs the migrations.
  package static let role = "temporis_predict"

  /// Everything that was ever applied, oldest first. A text is never changed once it is released.
  package static let migrations = [
    Migration(version: 1, name: "sources, profiles, billing", sql: Migration001.sql),
    Migration(version: 2, name: "profiles can be edited", sql: Migration002.sql),
  ]

  /// Brings the schema up to date.
  ///
  /// - Parameter database: connected as the owner of the schema.
  /// - Returns: the names of the migrations that were applied, oldest first.
  /// - Throws: `PostgresError`.
  package static func migrate(_ database: Database) async throws -> [String] {
    try await Migrator(schema: name, migrations: migrations).apply(to: database).map(\.name)
  }
}
