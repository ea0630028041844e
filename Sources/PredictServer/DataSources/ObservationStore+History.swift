import Forecasting
import Postgres

/// What a profile's grid is made of.
struct History: Sendable {
  enum Content: Sendable {
    /// One element a series: there are not many more rows than grid points.
    case rows([Observations])
    /// The means of each grid point's rows.
    case grid(GridRows?)
  }

  let content: Content
  /// How many changes of the source's rows there were when they were read, or before.
  let changes: Int64

  /// The rows on the profile's grid; `nil` when there are none that the exclude window leaves.
  func onGrid(of settings: ForecastSettings) -> GridRows? {
    switch content {
    case .rows(let observations): GridRows(observations, settings: settings)
    case .grid(let rows): rows
    }
  }
}

// What is read is bounded by the points of a profile's grid, however many rows there are for each.
extension ObservationStore {
  /// The most rows, of all series, that are read as they are.
  private static let rowLimit = 50_000
  /// The same of one series: so many, or so many for each bucket of the grid.
  private static let fewRows = 1_000
  private static let rowsOfBucket = 2

  /// What a profile's grid is made of.
  ///
  /// Where there are many rows for each bucket the database makes their means, over a connection that nobody else
  /// waits for. How many of these statements there are at a time is bounded by the engine's threads, which are shared
  /// between accounts.
  /// - Parameters:
  ///   - points: The grid points of each series that are wanted.
  ///   - reach: The seconds before the newest row, over all series, from which on rows are read.
  func history(
    of settings: ForecastSettings, points: Int, reach: Int64, sourceID: String, accountID: String
  ) async throws -> History {
    let rows: [PostgresValue] = [
      .text(accountID), .text(sourceID), .textArray(settings.names), .int8(reach),
    ]
    let buckets = points * settings.patchSpacing + settings.fillLimit
    let limit = min(Self.rowLimit / settings.names.count, max(Self.fewRows, Self.rowsOfBucket * buckets))
    let newest = try await database.query(Self.newestRows, parameters: rows + [.int(limit)])
    let changes: Int64 = try newest.first?.decode("changes") ?? 0
    let observations = try newest.map { row in
      let timestamps: [Int64] = try row.decode("timestamps")
      let values: [Double] = try row.decode("values")
      return Observations(timestamps: timestamps.reversed(), values: values.reversed())
    }
    // How many rows there are is not known before they are read.
    guard observations.contains(where: { $0.timestamps.count >= limit }) else {
      return History(content: .rows(observations), changes: changes)
    }
    let grid: [PostgresValue] = [
      .int8(settings.interval), .int(settings.patchSpacing), .int(settings.fillLimit),
    ]
    let found =
      if let window = settings.excludeWindow {
        try await database.queryAlone(Self.meansOutsideWindow, parameters: rows + grid + Self.parameters(window))
      } else {
        try await database.queryAlone(Self.means, parameters: rows + grid)
      }
    return History(content: .grid(try Self.grid(found)), changes: changes)
  }

  private static func parameters(_ window: ExcludeWindow) -> [PostgresValue] {
    let offsets = ZoneOffsets.of(window)
    return [
      .int8Array(offsets.starts), .int8Array(offsets.seconds), .int(window.startMinute * 60),
      .int(window.stopMinute * 60),
    ]
  }

  private static func grid(_ found: PostgresRows) throws -> GridRows? {
    guard let anchor: Int64 = try found.first?.decode("anchor", as: Int64?.self) else { return nil }
    return GridRows(
      anchor: anchor,
      series: try found.map { row in
        GridRows.Buckets(
          points: try row.decode("points"), newer: try row.decode("newer"), means: try row.decode("means"))
      })
  }
}

// The statements. Their parameters: $1 account, $2 source, $3 names, $4 seconds before the newest row.
extension ObservationStore {
  /// The newest row over all series. A source that is deleted meanwhile has none, however many are not removed yet.
  private static let latest = """
    SELECT max(newest."timestamp") AS value
    FROM unnest($3::text[]) AS series (name), LATERAL (
      SELECT o."timestamp" FROM predict.record AS o
      WHERE o.account_id = $1 AND o.source_id = $2 AND o.name = series.name
      ORDER BY o."timestamp" DESC LIMIT 1
    ) AS newest
    WHERE EXISTS (SELECT FROM predict.data_source AS s WHERE s.account_id = $1 AND s.id = $2 AND NOT s.deleting)
    """

  /// The newest rows of each series, at most $5.
  private static let newestRows = """
    WITH latest AS MATERIALIZED (\(latest))
    SELECT coalesce(w.timestamps, '{}') AS timestamps, coalesce(w.values, '{}') AS values,
      \(DataSource.changes(accountID: "$1", id: "$2")) AS changes
    FROM unnest($3::text[]) WITH ORDINALITY AS series (name, position), LATERAL (
      SELECT array_agg(newest."timestamp") AS timestamps, array_agg(newest.value) AS values
      FROM (
        SELECT o."timestamp", o.value FROM predict.record AS o
        WHERE o.account_id = $1 AND o.source_id = $2 AND o.name = series.name
          AND o."timestamp" >= (SELECT value FROM latest) - $4
        ORDER BY o."timestamp" DESC LIMIT $5
      ) AS newest
    ) AS w
    ORDER BY series.position
    """

  /// The means of each series' grid points, as `GridRows` defines them: $5 is the interval, $6 the patch spacing and $7
  /// the fill limit.
  private static let means = means(anchor: latest, isActive: "true", isFilled: "point - newer - 1 <= $7::bigint")

  /// The same of a profile with an exclude window: from $8 on the wall clock is $9 seconds ahead of UTC, and the window
  /// lasts from second $10 of the day to second $11. How many empty points it leaves is counted later.
  private static let meansOutsideWindow = means(
    anchor: """
      SELECT max(newest."timestamp") AS value FROM (\(latest)) AS latest, unnest($3::text[]) AS series (name), LATERAL (
        SELECT o."timestamp" FROM predict.record AS o
        WHERE o.account_id = $1 AND o.source_id = $2 AND o.name = series.name
          AND o."timestamp" >= latest.value - $4 AND \(isOutsideWindow(#"o."timestamp""#))
        ORDER BY o."timestamp" DESC LIMIT 1
      ) AS newest
      """,
    isActive: isOutsideWindow("(anchor.value - point * $5)"), isFilled: "$7::bigint >= 0")

  private static func isOutsideWindow(_ instant: String) -> String {
    // The sum is positive: a multiple of a day is added.
    let second = "(\(instant) + ($9::bigint[])[width_bucket(\(instant), $8::bigint[])] + 86400000000000) % 86400"
    return """
      CASE WHEN $10::bigint < $11::bigint THEN \(second) < $10 OR \(second) >= $11
        ELSE \(second) < $10 AND \(second) >= $11 END
      """
  }

  /// - Parameters:
  ///   - anchor: Selects the instant of grid point 0.
  ///   - isActive: Whether the exclude window leaves a `point`.
  ///   - isFilled: Whether the empty points after a `point` have its value, up to the next one with rows, `newer`.
  private static func means(anchor: String, isActive: String, isFilled: String) -> String {
    // A point with rows is read if the patch spacing keeps it, or an empty one that has its value.
    """
    WITH anchor AS MATERIALIZED (\(anchor))
    SELECT anchor.value AS anchor, read.points, read.newer, read.means
    FROM anchor, unnest($3::text[]) WITH ORDINALITY AS series (name, position), LATERAL (
      SELECT coalesce(array_agg(point), '{}') AS points, coalesce(array_agg(newer), '{}') AS newer,
        coalesce(array_agg(mean), '{}') AS means
      FROM (
        SELECT point, coalesce(lag(point) OVER (ORDER BY point), -1) AS newer, mean
        FROM (
          SELECT (2 * (anchor.value - o."timestamp") + $5::bigint - 1) / (2 * $5) AS point, \(mean) AS mean
          FROM predict.record AS o
          WHERE o.account_id = $1 AND o.source_id = $2 AND o.name = series.name
            AND o."timestamp" >= anchor.value - $4::bigint AND o."timestamp" <= anchor.value
          GROUP BY point
        ) AS averaged
        WHERE \(isActive)
        ORDER BY point
      ) AS ordered
      WHERE point / $6::bigint * $6 > CASE WHEN \(isFilled) THEN newer ELSE point - 1 END
    ) AS read
    ORDER BY series.position
    """
  }

  /// The mean of a point's rows. Values whose sum may leave the range of a double are divided by 2^25 first: there are
  /// fewer seconds than that in a point.
  private static let mean = """
    sum(CASE WHEN abs(o.value) <= 1e290 THEN o.value ELSE 0 END) / count(*)
      + least(greatest(sum(CASE WHEN abs(o.value) > 1e290 THEN o.value / 33554432 ELSE 0 END) / count(*),
        -1.7976931348623157e308::float8 / 33554432), 1.7976931348623157e308::float8 / 33554432) * 33554432
    """
}
