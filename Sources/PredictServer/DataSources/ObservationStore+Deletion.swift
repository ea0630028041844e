import GRPCNghttp2Transport
import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI

/// Rows of a data source: all, those of one series, those of a range of time.
struct RecordSelection: Sendable {
  /// Every timestamp that a row can have.
  private static let allTime: Range<Int64> = 0..<253_402_300_800

  let sourceID: String
  let accountID: String
  /// `nil`: every series.
  let series: String?
  /// Unix seconds.
  let period: Range<Int64>
  /// Whether no row is left out for its timestamp.
  var hasAllTime: Bool { period == Self.allTime }

  /// Selects every row of a deleted source.
  init(of source: DeletedSource) {
    sourceID = source.id
    accountID = source.accountID
    series = nil
    period = Self.allTime
  }

  /// Selects the rows of a series before an instant, in Unix seconds.
  init(of series: SeriesKey, before end: Int64) {
    sourceID = series.sourceID
    accountID = series.accountID
    self.series = series.name
    period = Self.allTime.lowerBound..<max(Self.allTime.lowerBound, end)
  }

  /// Selects what a request names.
  ///
  /// - Throws: `invalidArgument` with the fields that break a rule.
  init(
    _ request: Temporis_Predict_V1_DeleteRecordsRequest, sourceID: String, accountID: String
  ) throws(ServiceError) {
    let (start, end) = (request.startTimestamp.value, request.endTimestamp.value)
    if !request.series.isEmpty, !RecordValidation.isValid(name: request.series) {
      throw ServiceError(violating: "series", RecordValidation.nameRule)
    }
    if request.hasStartTimestamp, request.hasEndTimestamp, start >= end {
      throw ServiceError(violating: "end_timestamp", "must be after start_timestamp")
    }
    self.sourceID = sourceID
    self.accountID = accountID
    series = request.series.isEmpty ? nil : request.series
    let first = request.hasStartTimestamp ? start.clamped(to: Self.allTime) : Self.allTime.lowerBound
    let past = request.hasEndTimestamp ? end.clamped(to: Self.allTime) : Self.allTime.upperBound
    period = first..<past
  }
}

extension Int64 {
  /// The nearest number from a range's begin to its end, both included.
  fileprivate func clamped(to range: Range<Int64>) -> Int64 {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}

extension ObservationStore {
  /// The most rows that one transaction deletes: its locks and its log stay small, and an ingest that needs one of
  /// these rows waits for a moment only.
  private static let deletionStep = 10_000

  /// The key of a row within its source.
  struct RowKey: Sendable {
    static let first = RowKey(name: "", timestamp: 0)

    let name: String
    let timestamp: Int64

    /// The key that follows at once.
    var next: RowKey { RowKey(name: name, timestamp: timestamp + 1) }
  }

  /// What a step of the removal of a deleted source has come to.
  enum RemovalStep: Sendable {
    /// There are no rows any more from the key on.
    case done
    /// The rows up to this key are gone.
    case removed(through: RowKey)
    /// Another process is at it.
    case passed
  }

  /// The number of rows that a selection holds. Rows of a range of time are counted one by one, on a connection of
  /// their own.
  func count(_ selection: RecordSelection) async throws -> Int64 {
    let name = selection.series == nil ? "$3::text IS NULL" : "name = $3"
    let identity: [PostgresValue] = [
      .text(selection.accountID), .text(selection.sourceID), .optional(selection.series),
    ]
    let rows =
      if selection.hasAllTime {
        try await database.query(
          "SELECT coalesce(sum(row_count), 0)::bigint FROM \(Self.counts) WHERE \(name)", parameters: identity)
      } else {
        try await queryAlone(
          for: selection.accountID,
          """
          SELECT count(*) FROM predict.record
          WHERE account_id = $1 AND source_id = $2 AND \(name) AND "timestamp" >= $4 AND "timestamp" < $5
          """,
          parameters: identity + [.int8(selection.period.lowerBound), .int8(selection.period.upperBound)])
      }
    return try rows.first?.decode(0) ?? 0
  }

  /// Deletes a selection's rows, in the order of their keys and in steps that are a transaction each.
  ///
  /// What was deleted stays deleted when a later step fails, or when the task is cancelled in between.
  /// - Parameter client: Who takes turns for that; `nil` for the account.
  /// - Returns: How many rows were deleted.
  func delete(_ selection: RecordSelection, for client: String? = nil) async throws -> Int64 {
    let client = client ?? selection.accountID
    if selection.series != nil || selection.hasAllTime {
      return try await delete(selection, series: selection.series, for: client)
    }
    var deleted: Int64 = 0
    var name = ""
    while let next = try await firstSeries(after: name, of: selection) {
      deleted += try await delete(selection, series: next, for: client)
      name = next
    }
    return deleted
  }

  /// - Parameter series: `nil` for all rows of the source.
  private func delete(_ selection: RecordSelection, series: String?, for client: String) async throws -> Int64 {
    var deleted: Int64 = 0
    var key = RowKey(name: series ?? RowKey.first.name, timestamp: selection.period.lowerBound)
    while true {
      try Task.checkCancellation()
      let first = key
      let step: (count: Int64, last: RowKey)?
      do {
        step = try await transaction(for: client) { transaction in
          try await deleteStep(selection, series, from: first, transaction)
        }
      } catch let error as ServiceError where error.reason == .rateLimited {
        // What was begun is not left half done because others of the account wait, too, as long as there is time.
        let wait = error.retryAfter ?? .seconds(1)
        if let deadline = CallDeadline.current, .now + wait >= deadline { throw error }
        try await pause(for: wait)
        continue
      }
      guard let step else { return deleted }
      deleted += step.count
      // What comes before it is not looked at again: passing over deleted rows takes time, too.
      key = step.last.next
    }
  }

  /// Removes some of the rows that a deleted source has from a key on. All before it are gone.
  func removeSome(of source: DeletedSource, from key: RowKey) async throws -> RemovalStep {
    try await transaction(for: Self.background) { transaction in
      // One process at a time: the others would only wait for its rows.
      let claimed = try await transaction.query(
        "SELECT 1 FROM predict.data_source WHERE account_id = $1 AND id = $2 AND deleting FOR UPDATE SKIP LOCKED",
        .text(source.accountID), .text(source.id))
      guard !claimed.isEmpty else { return .passed }
      let step = try await deleteStep(RecordSelection(of: source), nil, from: key, transaction)
      return step.map { .removed(through: $0.last) } ?? .done
    }
  }

  /// Deletes the first rows from a key on. `nil`: there are none.
  private func deleteStep(
    _ selection: RecordSelection, _ series: String?, from first: RowKey, _ transaction: Transaction
  ) async throws -> (count: Int64, last: RowKey)? {
    let begin: [PostgresValue] = [
      .text(selection.accountID), .text(selection.sourceID), .text(first.name), .int8(first.timestamp),
    ]
    let condition =
      series == nil
      ? #"(name, "timestamp") >= ($3, $4)"# : #"name = $3 AND "timestamp" >= $4 AND "timestamp" < $5"#
    let keys = try await transaction.query(
      """
      SELECT name, "timestamp" FROM (
        SELECT name, "timestamp" FROM predict.record
        WHERE account_id = $1 AND source_id = $2 AND \(condition)
        ORDER BY name, "timestamp" LIMIT \(Self.deletionStep)
      ) AS step ORDER BY name DESC, "timestamp" DESC LIMIT 1
      """,
      parameters: series == nil ? begin : begin + [.int8(selection.period.upperBound)])
    guard let row = keys.first else { return nil }
    let last = RowKey(name: try row.decode("name"), timestamp: try row.decode("timestamp"))
    let deleted = try await transaction.execute(
      Self.deletion(
        of: """
          account_id = $1 AND source_id = $2 AND (name, "timestamp") >= ($3, $4) AND (name, "timestamp") <= ($5, $6)
          """),
      parameters: begin + [.text(last.name), .int8(last.timestamp)])
    return (Int64(deleted.affected), last)
  }

  /// The statement that deletes a source's rows in a range of keys, of which there are some thousands at most.
  ///
  /// Rows are locked in the order of their keys, as ingests lock theirs, or the two would wait for each other. A row
  /// that is overwritten meanwhile has another place by then, and stays: its value was written after the deletion. A
  /// place is one row's within the table of its source. The range is there twice, lest a plan that was made when there
  /// were few rows reads all of them.
  static func deletion(of range: String) -> String {
    """
    WITH locked AS MATERIALIZED (
      SELECT ctid AS place FROM predict.record WHERE \(range) ORDER BY name, "timestamp" FOR UPDATE
    )
    DELETE FROM predict.record WHERE \(range) AND ctid IN (SELECT place FROM locked)
    """
  }

  private func firstSeries(after name: String, of selection: RecordSelection) async throws -> String? {
    try await database.query(
      """
      SELECT name FROM predict.record WHERE account_id = $1 AND source_id = $2 AND name > $3 ORDER BY name LIMIT 1
      """,
      .text(selection.accountID), .text(selection.sourceID), .text(name)
    ).first?.decode("name")
  }
}
