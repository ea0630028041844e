import Postgres
import ServiceKit
import TemporisAPI

/// One series of a data source.
struct Series: Sendable {
  let name: String
  let rowCount: Int64
  /// Unix seconds of its latest row.
  let latestTimestamp: Int64
}

extension Temporis_Predict_V1_Series {
  init(_ series: Series) {
    self.init()
    name = series.name
    rowCount = series.rowCount
    latestTimestamp = series.latestTimestamp
  }
}

// The database counts the rows of each series as they are written and deleted, in changes that are added up later.
extension ObservationStore {
  /// The changes that one statement adds to the counts, at most. It takes no more once it has so many series, of which
  /// each change may have 100,000: as many as that take seconds.
  private static let foldLimit = 64
  private static let foldedSeries = 20_000

  /// The counts of a source's series (`$1` account, `$2` source): a series may occur several times.
  static let counts = """
    (
      SELECT name, row_count FROM predict.series_count WHERE account_id = $1 AND source_id = $2
      UNION ALL
      SELECT series.name, series.row_count
      FROM predict.series_change AS c, unnest(c.names, c.row_counts) AS series (name, row_count)
      WHERE c.account_id = $1 AND c.source_id = $2
    ) AS counts
    """

  /// One more series of a data source than the page holds, where there are as many, by name.
  ///
  /// The latest row of each series is the index's last one: however many rows there are, no others are read.
  func series(_ page: PageRequest, sourceID: String, accountID: String) async throws -> [Series] {
    try await database.query(
      """
      SELECT counted.name, counted.row_count, newest."timestamp" AS latest_timestamp
      FROM (
        SELECT name, sum(row_count)::bigint AS row_count FROM \(Self.counts) WHERE name > $3
        GROUP BY name HAVING sum(row_count) > 0 ORDER BY name LIMIT $4
      ) AS counted, LATERAL (
        SELECT o."timestamp" FROM predict.record AS o
        WHERE o.account_id = $1 AND o.source_id = $2 AND o.name = counted.name
        ORDER BY o."timestamp" DESC LIMIT 1
      ) AS newest
      ORDER BY counted.name
      """,
      .text(accountID), .text(sourceID), .text(page.after ?? ""), .int(page.limit + 1)
    ).map { row in
      Series(
        name: try row.decode("name"), rowCount: try row.decode("row_count"),
        latestTimestamp: try row.decode("latest_timestamp"))
    }
  }

  /// Adds the changes of all sources to their counts, some at a time, and forgets series without rows.
  func foldCounts() async throws {
    while try await foldSomeCounts() > 0 { try Task.checkCancellation() }
  }

  /// - Returns: The number of changes that were added.
  private func foldSomeCounts() async throws -> Int64 {
    try await database.transaction(retrying: Self.retries) { transaction in
      // Changes that another replica adds just now are skipped. Counts are locked in the order of their keys.
      let folded = try await transaction.query(
        """
        WITH pending AS (
          SELECT account_id, source_id, id, cardinality(names) AS series FROM predict.series_change
          LIMIT \(Self.foldLimit) FOR UPDATE SKIP LOCKED
        ), taken AS (
          DELETE FROM predict.series_change WHERE (account_id, source_id, id) IN (
            SELECT account_id, source_id, id FROM (
              SELECT account_id, source_id, id,
                sum(series) OVER (ORDER BY id) - series AS series_before
              FROM pending
            ) AS ordered WHERE series_before < \(Self.foldedSeries))
          RETURNING account_id, source_id, names, row_counts
        ), counted AS (
          INSERT INTO predict.series_count AS c (account_id, source_id, name, row_count)
          SELECT account_id, source_id, series.name, sum(series.row_count)
          FROM taken, unnest(names, row_counts) AS series (name, row_count)
          GROUP BY account_id, source_id, series.name ORDER BY account_id, source_id, series.name
          ON CONFLICT (account_id, source_id, name) DO UPDATE SET row_count = c.row_count + excluded.row_count
          RETURNING account_id, source_id, name, row_count
        )
        SELECT (SELECT count(*) FROM taken) AS changes, array_agg(account_id) AS accounts,
          array_agg(source_id) AS sources, array_agg(name) AS names
        FROM counted WHERE row_count = 0
        """)
      guard let row = folded.first else { return 0 }
      if let names: [String] = try row.decode("names") {
        try await transaction.execute(
          """
          DELETE FROM predict.series_count AS c
          USING unnest($1::text[], $2::text[], $3::text[]) AS empty (account_id, source_id, name)
          WHERE c.account_id = empty.account_id AND c.source_id = empty.source_id AND c.name = empty.name
            AND c.row_count = 0
          """,
          .textArray(try row.decode("accounts")), .textArray(try row.decode("sources")), .textArray(names))
      }
      return try row.decode("changes")
    }
  }
}
