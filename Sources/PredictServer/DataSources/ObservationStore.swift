import Forecasting
import Postgres
import ServiceKit

/// The rows of all data sources.
struct ObservationStore: Sendable {
  /// The most rows read at once, over all series: what the largest profile can use on its grid.
  private static let readLimit = 512 * 256 * 64
  /// From so many expected rows on, a read takes a connection of its own instead of delaying its neighbours'.
  private static let largeRead: Int64 = 50_000
  let database: Database

  /// Stores all rows or none; a key that is there gets the new value.
  ///
  /// The source is locked in share mode by the statement that stores, so an archive that was answered before the statement
  /// began refuses it, and one that comes later waits for it.
  /// - Throws: `dataSourceNotFound`, `dataSourceArchived`.
  func store(_ rows: ObservationRows, source name: String, accountID: String) async throws {
    guard ResourceName.isValid(name) else { throw ServiceError(.dataSourceNotFound) }
    let found = try await database.query(
      """
      WITH source AS MATERIALIZED (
        SELECT id, archived FROM predict.data_source WHERE account_id = $1 AND name = $2 FOR SHARE
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
      .text(accountID), .text(name), .textArray(rows.names), .int8Array(rows.timestamps), .float8Array(rows.values),
      on: .exclusive)
    guard let source = found.first else { throw ServiceError(.dataSourceNotFound) }
    if try source.decode("archived") { throw ServiceError(.dataSourceArchived) }
  }

  /// The newest timestamp over several series; nil when none has a row.
  func latest(names: [String], sourceID: String, accountID: String) async throws -> Int64? {
    let rows = try await database.query(
      """
      SELECT max(newest."timestamp") AS latest
      FROM unnest($3::text[]) AS series (name), LATERAL (
        SELECT o."timestamp" FROM predict.observation AS o
        WHERE o.account_id = $1 AND o.source_id = $2 AND o.name = series.name
        ORDER BY o."timestamp" DESC LIMIT 1
      ) AS newest
      """,
      .text(accountID), .text(sourceID), .textArray(names))
    return try rows.first?.decode("latest")
  }

  /// The rows of a profile's series from one timestamp to another, both included: one element a name, in their order.
  ///
  /// Of more rows than the largest grid has points, the newest are read.
  func window(
    of settings: ForecastSettings, from earliest: Int64, through latest: Int64, sourceID: String, accountID: String
  ) async throws -> [Observations] {
    let names = settings.names
    let expected = (latest - earliest) / settings.interval * Int64(names.count)
    let rows = try await database.query(
      """
      SELECT coalesce(w.timestamps, '{}') AS timestamps, coalesce(w.values, '{}') AS values
      FROM unnest($3::text[]) WITH ORDINALITY AS series (name, position), LATERAL (
        SELECT array_agg(newest."timestamp") AS timestamps, array_agg(newest.value) AS values
        FROM (
          SELECT o."timestamp", o.value FROM predict.observation AS o
          WHERE o.account_id = $1 AND o.source_id = $2 AND o.name = series.name AND o."timestamp" BETWEEN $4 AND $5
          ORDER BY o."timestamp" DESC LIMIT $6
        ) AS newest
      ) AS w
      ORDER BY series.position
      """,
      .text(accountID), .text(sourceID), .textArray(names), .int8(earliest), .int8(latest),
      .int(Self.readLimit / names.count), on: expected > Self.largeRead ? .exclusive : .read)
    return try rows.map { row in
      let timestamps: [Int64] = try row.decode("timestamps")
      let values: [Double] = try row.decode("values")
      return Observations(timestamps: timestamps.reversed(), values: values.reversed())
    }
  }
}
