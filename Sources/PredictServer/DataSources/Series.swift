import Postgres
import ServiceKit
import TemporisAPI

/// One series of a data source.
struct Series: Sendable {
  let name: String
  let rowCount: Int64
  /// Unix seconds of its latest row.
  let latestTimestamp: Int64

  var message: Temporis_Predict_V1_Series {
    var message = Temporis_Predict_V1_Series()
    message.name = name
    message.rowCount = rowCount
    message.latestTimestamp = latestTimestamp
    return message
  }
}

extension ObservationStore {
  /// One more series of a data source than the page holds, where there are as many, by name.
  ///
  /// The names are found by one index probe each; their rows are counted, which takes time in proportion to them and so a
  /// connection of its own.
  func series(_ page: PageRequest, sourceID: String, accountID: String) async throws -> [Series] {
    try await database.query(
      """
      WITH RECURSIVE series (name) AS (
        SELECT $3::text COLLATE "C"
        UNION ALL
        SELECT (
          SELECT o.name FROM predict.observation AS o
          WHERE o.account_id = $1 AND o.source_id = $2 AND o.name > series.name ORDER BY o.name LIMIT 1
        ) FROM series WHERE series.name IS NOT NULL
      )
      SELECT series.name, rows.row_count, rows.latest_timestamp
      FROM (SELECT name FROM series WHERE name <> $3 LIMIT $4) AS series, LATERAL (
        SELECT count(*) AS row_count, max(o."timestamp") AS latest_timestamp FROM predict.observation AS o
        WHERE o.account_id = $1 AND o.source_id = $2 AND o.name = series.name
      ) AS rows
      ORDER BY series.name
      """,
      .text(accountID), .text(sourceID), .text(page.after ?? ""), .int(page.limit + 1), on: .exclusive
    ).map { row in
      Series(
        name: try row.decode("name"), rowCount: try row.decode("row_count"),
        latestTimestamp: try row.decode("latest_timestamp"))
    }
  }
}
