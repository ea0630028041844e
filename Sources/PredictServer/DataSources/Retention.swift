import FoundationEssentials
import Postgres

/// A series of a data source.
struct SeriesKey: Sendable, Hashable {
  /// Before all others.
  static let first = SeriesKey(accountID: "", sourceID: "", name: "")

  let accountID: String
  let sourceID: String
  let name: String
}

/// Deletes the rows whose timestamp is longer ago than rows are kept.
struct Retention: Sendable {
  let observations: ObservationStore
  /// How long rows are kept, over 0.
  let days: Int

  /// Goes through all series once.
  ///
  /// - Parameter now: Unix seconds.
  func run(now: Int64 = Int64(Date().timeIntervalSince1970)) async throws {
    let end = now - Int64(days) * 86_400
    var last = SeriesKey.first
    // What fails for one source holds up no other; the next round comes to it again.
    var fault: (any Error)?
    while true {
      let page = try await observations.seriesKeys(after: last)
      guard let pageEnd = page.last else { break }
      for (source, series) in Dictionary(grouping: page, by: \.source) {
        try Task.checkCancellation()
        do {
          let old = try await observations.old(series.map(\.name), in: source, before: end)
          try await observations.delete(old.filter { !$0.hasMany }.map(\.name), in: source, before: end)
          for series in old where series.hasMany {
            let key = SeriesKey(accountID: source.accountID, sourceID: source.id, name: series.name)
            _ = try await observations.delete(RecordSelection(of: key, before: end), for: ObservationStore.background)
          }
        } catch {
          fault = fault ?? error
        }
      }
      last = pageEnd
    }
    if let fault { throw fault }
  }
}

extension SeriesKey {
  fileprivate struct Source: Hashable {
    let accountID: String
    let id: String
  }

  fileprivate var source: Source { Source(accountID: accountID, id: sourceID) }
}

extension ObservationStore {
  /// The most series that are looked at together, and the most rows of each that are deleted together: as many rows as
  /// one step of other deletions. Usually a series has no more that have become too old since the last time.
  private static let oldSeriesLimit = 100
  private static let oldRowLimit = 100

  /// Some series of all accounts, in the order of their keys.
  fileprivate func seriesKeys(after last: SeriesKey) async throws -> [SeriesKey] {
    try await database.query(
      """
      SELECT account_id, source_id, name FROM predict.series_count
      WHERE (account_id, source_id, name) > ($1, $2, $3)
      ORDER BY account_id, source_id, name LIMIT \(Self.oldSeriesLimit)
      """,
      .text(last.accountID), .text(last.sourceID), .text(last.name)
    ).map { row in
      SeriesKey(
        accountID: try row.decode("account_id"), sourceID: try row.decode("source_id"), name: try row.decode("name"))
    }
  }

  /// A series with old rows.
  fileprivate struct OldSeries: Sendable {
    let name: String
    /// Whether it has too many of them to be deleted together with those of others.
    let hasMany: Bool
  }

  /// Those of some series that have rows from before an instant.
  fileprivate func old(
    _ names: [String], in source: SeriesKey.Source, before end: Int64
  ) async throws -> [OldSeries] {
    // Most series have nothing to delete most of the time, which takes no connection of a transaction to see.
    try await database.query(
      """
      SELECT series.name, oldest.rows > \(Self.oldRowLimit) AS has_many
      FROM unnest($3::text[]) AS series (name), LATERAL (
        SELECT count(*) AS rows FROM (
          SELECT FROM predict.record AS o
          WHERE o.account_id = $1 AND o.source_id = $2 AND o.name = series.name AND o."timestamp" < $4
          ORDER BY o."timestamp" LIMIT \(Self.oldRowLimit) + 1
        ) AS rows
      ) AS oldest
      WHERE oldest.rows > 0
      """,
      .text(source.accountID), .text(source.id), .textArray(names), .int8(end)
    ).map { OldSeries(name: try $0.decode("name"), hasMany: try $0.decode("has_many")) }
  }

  /// Deletes the rows of some series from before an instant, of which there are few.
  fileprivate func delete(_ names: [String], in source: SeriesKey.Source, before end: Int64) async throws {
    guard !names.isEmpty else { return }
    try await transaction(for: Self.background) { transaction in
      _ = try await transaction.execute(
        Self.deletion(of: #"account_id = $1 AND source_id = $2 AND name = ANY ($3::text[]) AND "timestamp" < $4"#),
        parameters: [.text(source.accountID), .text(source.id), .textArray(names), .int8(end)])
    }
  }
}
