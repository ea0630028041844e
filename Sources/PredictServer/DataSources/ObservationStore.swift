import Forecasting
import Postgres
import ServiceKit

/// The rows of all data sources.
struct ObservationStore: Sendable {
  /// The most rows read at once, over all series: what the largest profile can use on its grid.
  private static let readLimit = 512 * 256 * 64
  /// The number of rows from which on a read takes a connection of its own instead of delaying others.
  private static let largeRead = 50_000
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

  /// The newest rows of a profile's series: one element per name, in their order.
  ///
  /// - Parameter reach: The seconds before the newest row over all names from which on rows are read. Of more rows than
  ///   the largest grid has points, the newest are read.
  func window(
    of settings: ForecastSettings, reach: Int64, sourceID: String, accountID: String
  ) async throws -> [Observations] {
    let limit = Self.readLimit / settings.names.count
    let smallLimit = Self.largeRead / settings.names.count
    let request = (settings.names, reach, sourceID, accountID)
    if smallLimit < limit {
      let observations = try await window(request, limit: smallLimit)
      // How many rows there are is not known before they are read.
      guard observations.contains(where: { $0.timestamps.count == smallLimit }) else { return observations }
    }
    return try await window(request, limit: limit, alone: true)
  }

  private func window(
    _ request: (names: [String], reach: Int64, sourceID: String, accountID: String), limit: Int, alone: Bool = false
  ) async throws -> [Observations] {
    let sql = """
      WITH latest AS MATERIALIZED (
        SELECT max(newest."timestamp") AS value
        FROM unnest($3::text[]) AS series (name), LATERAL (
          SELECT o."timestamp" FROM predict.observation AS o
          WHERE o.account_id = $1 AND o.source_id = $2 AND o.name = series.name
          ORDER BY o."timestamp" DESC LIMIT 1
        ) AS newest
      )
      SELECT coalesce(w.timestamps, '{}') AS timestamps, coalesce(w.values, '{}') AS values
      FROM unnest($3::text[]) WITH ORDINALITY AS series (name, position), LATERAL (
        SELECT array_agg(newest."timestamp") AS timestamps, array_agg(newest.value) AS values
        FROM (
          SELECT o."timestamp", o.value FROM predict.observation AS o
          WHERE o.account_id = $1 AND o.source_id = $2 AND o.name = series.name
            AND o."timestamp" >= (SELECT value FROM latest) - $4
          ORDER BY o."timestamp" DESC LIMIT $5
        ) AS newest
      ) AS w
      ORDER BY series.position
      """
    let parameters: [PostgresValue] = [
      .text(request.accountID), .text(request.sourceID), .textArray(request.names), .int8(request.reach), .int(limit),
    ]
    let rows =
      alone
      ? try await database.queryAlone(sql, parameters: parameters)
      : try await database.query(sql, parameters: parameters)
    return try rows.map { row in
      let timestamps: [Int64] = try row.decode("timestamps")
      let values: [Double] = try row.decode("values")
      return Observations(timestamps: timestamps.reversed(), values: values.reversed())
    }
  }
}
