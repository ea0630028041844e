import Postgres
import ServiceKit

/// The rows of all data sources.
struct ObservationStore: Sendable {
  /// The number of times that a transaction is run again after a deadlock, such as one of an ingest and a deletion.
  static let retries = 3
  let database: Database

  /// Stores all rows or none; a key that is there gets the new value.
  ///
  /// The source is locked in share mode by the statement that stores, so an archive that was answered before the
  /// statement began refuses it, and one that comes later waits for it.
  /// - Throws: `dataSourceNotFound`, `dataSourceArchived`.
  func store(_ rows: ObservationRows, source name: String, accountID: String) async throws {
    guard ResourceName.isValid(name) else { throw ServiceError(.dataSourceNotFound) }
    // Nothing is stored after the call's deadline: a transaction whose task is cancelled is rolled back.
    let found = try await database.transaction(retrying: Self.retries) { transaction in
      try await transaction.query(
        """
        WITH turn AS MATERIALIZED (
          SELECT pg_advisory_xact_lock_shared(\(DataSourceStore.ingestLock))
        ), source AS MATERIALIZED (
          SELECT s.id, s.archived FROM turn, predict.data_source AS s
          WHERE s.account_id = $1 AND s.name = $2 FOR SHARE OF s
        ), stored AS (
          INSERT INTO predict.observation AS o (account_id, source_id, name, "timestamp", value)
          SELECT $1, source.id, r.name, r."timestamp", r.value
          FROM source, unnest($3::text[], $4::bigint[], $5::double precision[]) AS r (name, "timestamp", value)
          WHERE NOT source.archived
          ON CONFLICT (account_id, source_id, name, "timestamp") DO UPDATE SET value = excluded.value
          WHERE o.value IS DISTINCT FROM excluded.value
        )
        SELECT archived FROM source
        """,
        .text(accountID), .text(name), .textArray(rows.names), .int8Array(rows.timestamps), .float8Array(rows.values))
    }
    guard let source = found.first else { throw ServiceError(.dataSourceNotFound) }
    if try source.decode("archived") { throw ServiceError(.dataSourceArchived) }
  }
}
