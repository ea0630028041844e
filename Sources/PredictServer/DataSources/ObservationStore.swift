import Postgres
import ServiceKit

/// The rows of all data sources.
struct ObservationStore: Sendable {
  /// Who takes turns with the accounts for what the service does in the background, of all accounts.
  static let background = "background"
  /// The number of times that a transaction is run again after a deadlock, such as one of an ingest and a deletion.
  static let retries = 3
  let database: Database
  /// Turns of the accounts for the connections of long statements.
  let connections: FairLimiter<String>
  /// The most rows of an account. `nil`: there is no limit.
  var rowLimit: Int64?

  /// Stores all rows or none; a key that is there gets the new value.
  ///
  /// The source is locked in share mode by the statement that stores, so an archive that was answered before the
  /// statement began refuses it, and one that comes later waits for it.
  ///
  /// An account's rows are counted some seconds after they are written, and may be over its limit by what it writes in
  /// these. Rows that exist may be overwritten however many there are.
  /// - Throws: `dataSourceNotFound`, `dataSourceArchived`; `quotaExceeded` when the account would have more rows than
  ///   it may.
  func store(_ rows: ObservationRows, source name: String, accountID: String) async throws {
    guard ResourceName.isValid(name) else { throw ServiceError(.dataSourceNotFound) }
    // Nothing is stored after the call's deadline: a transaction whose task is cancelled is rolled back.
    let found = try await transaction(for: accountID) { transaction in
      try await transaction.query(
        """
        WITH turn AS MATERIALIZED (
          SELECT pg_advisory_xact_lock_shared(\(DataSourceStore.ingestLock))
        ), source AS MATERIALIZED (
          SELECT s.id, s.archived FROM turn, predict.data_source AS s
          WHERE s.account_id = $1 AND s.name = $2 FOR SHARE OF s
        ), room AS MATERIALIZED (
          SELECT $6::bigint IS NULL OR rows + cardinality($4::bigint[]) <= $6 OR (
            SELECT count(*) FROM (
              SELECT FROM unnest($3::text[], $4::bigint[]) AS r (name, "timestamp")
              WHERE NOT EXISTS (
                SELECT FROM predict.record AS o WHERE o.account_id = $1 AND o.source_id = source.id
                  AND o.name = r.name AND o."timestamp" = r."timestamp")
              LIMIT greatest($6 - rows, 0) + 1
            ) AS new
          ) <= greatest($6 - rows, 0) AS is_left
          FROM source, (
            SELECT coalesce(sum(c.row_count), 0) AS rows FROM predict.source_change_count AS c WHERE c.account_id = $1
          ) AS account
        ), stored AS (
          INSERT INTO predict.record AS o (account_id, source_id, name, "timestamp", value)
          SELECT $1, source.id, r.name, r."timestamp", r.value
          FROM source, room, unnest($3::text[], $4::bigint[], $5::double precision[]) AS r (name, "timestamp", value)
          WHERE NOT source.archived AND room.is_left
          ON CONFLICT (account_id, source_id, name, "timestamp") DO UPDATE SET value = excluded.value
          WHERE o.value IS DISTINCT FROM excluded.value
        )
        SELECT source.archived, room.is_left FROM source, room
        """,
        .text(accountID), .text(name), .textArray(rows.names), .int8Array(rows.timestamps), .float8Array(rows.values),
        rowLimit.map { .int8($0) } ?? .typedNull(.int8))
    }
    guard let source = found.first else { throw ServiceError(.dataSourceNotFound) }
    if try source.decode("archived") { throw ServiceError(.dataSourceArchived) }
    if try !source.decode("is_left"), let rowLimit { throw ServiceError(quota: rowLimit, of: "rows") }
  }

  /// Runs one transaction, or again after a deadlock, when it is the account's turn.
  ///
  /// - Throws: `rateLimited` when too many wait, of this account or in all; as `Database` does.
  nonisolated(nonsending) func transaction<Result>(
    for accountID: String, _ body: (Transaction) async throws -> Result
  ) async throws -> Result {
    try await connections.run(for: accountID) { try await database.transaction(retrying: Self.retries, body) }
  }

  /// Runs one statement on a connection of its own when it is the account's turn; throws as ``transaction(for:_:)``.
  nonisolated(nonsending) func queryAlone(
    for accountID: String, _ sql: String, parameters: [PostgresValue]
  ) async throws -> PostgresRows {
    try await connections.run(for: accountID) { try await database.queryAlone(sql, parameters: parameters) }
  }
}
