import FoundationEssentials
import Postgres
import PredictServer
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing

@Suite("Deletion of rows and data sources")
struct DeletionTests {
  typealias Record = Temporis_Predict_V1_Record

  struct Selection: Sendable {
    var series: String?
    var start: Int64?
    var end: Int64?

    func apply(to request: inout Temporis_Predict_V1_DeleteRecordsRequest) {
      request.series = series ?? ""
      if let start { request.startTimestamp = .init(start) }
      if let end { request.endTimestamp = .init(end) }
    }
  }

  /// An account whose source holds the series a (timestamps 0 to 9), b (5 to 14) and c (100).
  ///
  /// - Parameter isAlone: Whether it has a database of its own: what the service does in the background is for all.
  private func account(isAlone: Bool = false) async throws -> Account {
    let stack = isAlone ? try await PredictStack(cluster: .shared()) : try await PredictStack.make()
    let account = stack.account()
    try await account.createSource()
    try await account.ingest(
      (0..<10).map { .of("a", $0, 1) } + (5..<15).map { .of("b", $0, 1) } + [.of("c", 100, 1)])
    return account
  }

  static let selections: [(selection: Selection, count: Int64)] = [
    (Selection(), 21), (Selection(series: "b"), 10), (Selection(start: 5, end: 11), 11), (Selection(end: 7), 9),
    (Selection(start: 13), 3), (Selection(series: "a", start: -5, end: 3), 3), (Selection(series: "d"), 0),
    (Selection(end: .min), 0), (Selection(start: .min, end: .max), 21),
  ]

  @Test("The rows that are selected are deleted and counted, and no others", arguments: selections)
  func selection(selection: Selection, count: Int64) async throws {
    let account = try await account()
    let change = selection.apply
    let before = try await account.rows()
    let preview = try await account.deleteRecords {
      change(&$0)
      $0.validateOnly = true
    }
    #expect(preview.deletedRecords == count)
    #expect(try await account.rows() == before)
    #expect(try await account.deleteRecords(change).deletedRecords == count)
    let left = before.filter { row in
      let parts = row.split(separator: " ")
      let timestamp = Int64(parts[1]) ?? 0
      let isSelected =
        selection.series.map { $0 == parts[0] } ?? true && timestamp >= selection.start ?? .min
        && timestamp < selection.end ?? .max
      return !isSelected
    }
    #expect(try await account.rows() == left)
    #expect(Int64(before.count - left.count) == count)
    let series = try await account.series().joined()
    #expect(series.reduce(0) { $0 + $1.rowCount } == Int64(left.count))
    #expect(series.allSatisfy { $0.rowCount > 0 })
    #expect(try await account.deleteRecords(change).deletedRecords == 0)
  }

  @Test("More rows than one step takes are all deleted, and the latest row of a series is the one that is left")
  func manyRows() async throws {
    let account = try await account()
    try await account.ingest((0..<45_000).map { .of($0 < 25_000 ? "many" : "more", $0, 1) })
    #expect(try await account.deleteRecords { $0.startTimestamp = .init(1_000) }.deletedRecords == 44_000)
    let series = try await account.series().joined()
    #expect(series.map(\.name) == ["a", "b", "c", "many"])
    #expect(series.map(\.rowCount) == [10, 10, 1, 1_000])
    #expect(series.map(\.latestTimestamp) == [9, 14, 100, 999])
    #expect(try await account.deleteRecords().deletedRecords == 1_021)
    #expect(try await account.series() == [[]])
  }

  @Test("A deletion names the profiles that read the deleted series, and no others")
  func readers() async throws {
    let account = try await account()
    try await account.createProfile("both") { $0.names = ["x", "a", "b"] }
    try await account.createProfile("only_c") { $0.names = ["c"] }
    let preview = try await account.deleteRecords {
      $0.startTimestamp = .init(50)
      $0.validateOnly = true
    }
    #expect(preview.dataProfiles == ["only_c"])
    #expect(try await account.deleteRecords { $0.series = "x" }.dataProfiles.isEmpty)
    #expect(try await account.deleteRecords { $0.series = "b" }.dataProfiles == ["both"])
    #expect(try await account.deleteRecords().dataProfiles == ["both", "only_c"])
    #expect(try await account.profileNames() == ["both", "only_c"])
  }

  @Test("A selection that breaks a rule is refused by its field")
  func badSelection() async throws {
    let account = try await account()
    let bad = [
      ("series", Selection(series: "a\u{0}")), ("series", Selection(series: "timestamp")),
      ("end_timestamp", Selection(start: 5, end: 5)),
    ]
    for (field, selection) in bad {
      let refusal = await #expect(throws: ServiceError.self) { try await account.deleteRecords(selection.apply) }
      #expect(refusal?.reason == .invalidArgument && refusal?.violations.map(\.field) == [field])
    }
    await expectRefusal(.dataSourceNotFound) { try await account.deleteRecords(of: "none") }
    await expectRefusal(.dataSourceNotFound) { try await account.deleteRecords(of: "nul\0") }
    #expect(try await account.rows().count == 21)
  }

  @Test("After the row that broke them is deleted, predictions are answered again")
  func cure() async throws {
    let account = try await PredictStack.make { $0.maximumFutureDays = 100_000 }.account()
    try await account.furnish()
    try await account.ingest([.of("orders", 4_000_000_000, 1)])
    await expectRefusal(.notEnoughData) { try await account.predict() }
    let deleted = try await account.deleteRecords { $0.startTimestamp = .init(3_000_000_000) }
    #expect(deleted.deletedRecords == 1 && deleted.dataProfiles == ["hourly"])
    #expect(try await account.predict().count == 4)
  }

  @Test("A ready profile stays ready without its rows, with its statistics, and a prediction says that data is missing")
  func readinessAfterDeletion() async throws {
    let account = try await PredictStack.make().account()
    try await account.furnish()
    let ready = try await account.profile()
    _ = try await account.setArchived(true)
    #expect(try await account.deleteRecords { $0.series = "orders" }.deletedRecords == 200)
    #expect(try await account.profile() == ready && ready.ready)
    await expectRefusal(.notEnoughData) { try await account.predict() }
    // A new profile on the same source is judged by what is there.
    #expect(try await !account.createProfile("second").ready)
  }

  @Test("A source is gone at once and its name is free; its rows are removed later, and nothing stays")
  func deleteSource() async throws {
    let account = try await account(isAlone: true)
    try await account.createSource("other")
    try await account.ingest([.of("a", 1, 1)], into: "other")
    try await account.deleteSource()
    #expect(try await account.sourceNames() == [["other"]])
    #expect(try await account.rows().count == 22)
    await expectRefusal(.dataSourceNotFound) { try await account.deleteSource(force: true) }
    await expectRefusal(.dataSourceNotFound) { try await account.setArchived(false) }
    await expectRefusal(.dataSourceNotFound) { try await account.ingest([.of("a", 1, 1)]) }
    try await account.createSource()
    #expect(try await account.series() == [[]])
    try await account.deleteSource()
    try await removeDeleted(account)
    #expect(try await account.rows() == ["a 1 1.0"])
    #expect(try await account.sourceNames() == [["other"]])
    try await account.deleteSource("other")
    try await removeDeleted(account)
    for table in ["record", "series_count", "series_change", "source_change_count", "data_source"] {
      #expect(try await account.countRows(table) == 0)
    }
  }

  @Test("A source that profiles read is not deleted, and ingests on, unless its profiles are deleted, too")
  func sourceInUse() async throws {
    let account = try await PredictStack(cluster: .shared()).account()
    try await account.furnish()
    await expectRefusal(.dataSourceInUse) { try await account.deleteSource() }
    #expect(try await !account.source().archived)
    #expect(try await account.ingest([.of("orders", 1, 1)]) == 1)
    _ = try await account.predict()
    try await account.deleteSource(force: true)
    #expect(try await account.profileNames().isEmpty)
    try await removeDeleted(account)
    #expect(try await account.rows().isEmpty)
    #expect(try await account.billedCount() == 1)
  }

  @Test("A deletion waits for the ingest that runs, and no row outlives the source")
  func deletionRace() async throws {
    let account = try await PredictStack(cluster: .shared()).account()
    let source = try await account.createSource()
    // An open transaction holds one of the keys, so that the ingest stops half way.
    let (ingest, deletion) = try await account.stack.administrator.transaction { transaction in
      let holder = try await transaction.query(
        "INSERT INTO predict.record VALUES ($1, $2, 'a', 1, 0) RETURNING pg_backend_pid()",
        .text(account.id), .text(source.id)
      )[0].decode(0, as: Int32.self)
      let ingest = Task { try await account.ingest([.of("a", 0, 1), .of("a", 1, 2)]) }
      try await eventually { try await account.stack.waiters(behind: holder) == 1 }
      let deletion = Task { try await account.deleteSource() }
      try await eventually { try await account.stack.waiters(behind: holder) == 2 }
      return (ingest, deletion)
    }
    #expect(try await ingest.value == 2)
    try await deletion.value
    try await removeDeleted(account)
    #expect(try await account.rows().isEmpty)
    #expect(try await account.sourceNames() == [[]])
  }

  @Test("A profile that is being made keeps its source")
  func profileRace() async throws {
    let account = try await PredictStack.make().account()
    let source = try await account.createSource()
    _ = try await account.ingest([.of("a", 0, 1)])
    // An open transaction holds the profile's name, so that making it stops half way.
    let (creation, deletion) = try await account.stack.administrator.transaction { transaction in
      let holder = try await transaction.query(
        """
        INSERT INTO predict.data_profile (
          account_id, id, name, source_id, names, interval_seconds, patch_len, patch_spacing, num_patches, min_patches,
          fill_limit, use_diffs, request_hash)
        VALUES ($1, 'prof_held', 'hourly', $2, '{a}', 1, 1, 1, 1, 1, 0, false, '') RETURNING pg_backend_pid()
        """,
        .text(account.id), .text(source.id)
      )[0].decode(0, as: Int32.self)
      let creation = Task { try await account.createProfile { $0.names = ["a"] } }
      try await eventually { try await account.stack.waiters(behind: holder) == 1 }
      let deletion = Task { try await account.deleteSource() }
      try await eventually { try await account.stack.waiters(behind: holder) == 2 }
      try await transaction.execute("DELETE FROM predict.data_profile WHERE id = 'prof_held'")
      return (creation, deletion)
    }
    _ = try await creation.value
    await expectRefusal(.dataSourceInUse) { try await deletion.value }
    #expect(try await !account.source().archived)
    #expect(try await account.rows().count == 1)
  }

  @Test("Rows are deleted and written at the same time, and neither waits for the other in a circle")
  func deletionsBesideIngests() async throws {
    let stack = try await PredictStack.make()
    let account = stack.account()
    try await account.createSource()
    let names = (0..<6).map { "s\($0)" }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<3 {
        group.addTask {
          for _ in 0..<15 {
            let rows = names.shuffled().flatMap { name in
              (0..<60).shuffled().map { Record.of(name, Int64($0), Double(writer)) }
            }
            _ = try await account.ingest(rows)
          }
        }
        group.addTask {
          for end in 20..<35 { try await account.deleteRecords { $0.endTimestamp = .init(Int64(end)) } }
        }
      }
      try await group.waitForAll()
    }
    let deadlocks = try await stack.administrator.query(
      "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    #expect(try deadlocks[0].decode(0, as: Int64.self) == 0)
  }

  @Test("A removal that ends half-way has lost nothing, and the next one goes on; two at a time share the work")
  func removalHalfWay() async throws {
    let account = try await account(isAlone: true)
    try await account.ingest((0..<25_000).map { .of("many", $0, 1) })
    try await account.deleteSource()
    // An open transaction holds a row of the second step, until the process that removes has ended.
    let removal = try await account.stack.administrator.transaction { transaction in
      let holder = try await transaction.query(
        """
        UPDATE predict.record SET value = 9 WHERE account_id = $1 AND name = 'many' AND "timestamp" = 15000
        RETURNING pg_backend_pid()
        """,
        .text(account.id)
      )[0].decode(0, as: Int32.self)
      let removal = Task { try await removeDeleted(account) }
      try await eventually { try await account.stack.waiters(behind: holder) == 1 }
      removal.cancel()
      return removal
    }
    await #expect(throws: (any Error).self) { try await removal.value }
    let left = try await account.rows().count
    #expect(left > 0 && left < 25_021)
    async let one: Void = removeDeleted(account)
    async let other: Void = removeDeleted(account)
    _ = try await (one, other)
    for table in ["data_source", "record"] { #expect(try await account.countRows(table) == 0) }
  }

  @Test("A source that cannot be removed holds up no other, and is removed once it can be")
  func removalFault() async throws {
    let stack = try await PredictStack(cluster: .shared())
    let account = stack.account()
    for name in ["first", "stuck", "last"] {
      try await account.createSource(name)
      try await account.ingest([.of("a", 1, 1)], into: name)
    }
    let stuck = try await account.source("stuck").id
    try await stack.administrator.execute(
      """
      CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'it is stuck'; END $$
      """)
    try await stack.administrator.execute(
      """
      CREATE TRIGGER stuck BEFORE DELETE ON predict.record FOR EACH ROW WHEN (OLD.source_id = '\(stuck)')
      EXECUTE FUNCTION public.refuse()
      """)
    for name in ["first", "stuck", "last"] { try await account.deleteSource(name) }
    await #expect(throws: PostgresError.self) { try await stack.service.maintain() }
    let left = try await stack.administrator.query("SELECT id FROM predict.data_source").map {
      try $0.decode("id", as: String.self)
    }
    #expect(left == [stuck])
    try await stack.administrator.execute("DROP TRIGGER stuck ON predict.record")
    try await removeDeleted(account)
    #expect(try await account.rows().isEmpty)
  }

  @Test("A prediction whose source is deleted meanwhile draws nothing of what is left of its rows")
  func deletionUnderPrediction() async throws {
    let engine = ProbeEngine(.wait)
    let stack = try await PredictStack.make(engine: engine) { $0.engineConcurrency = 1 }
    let (account, other) = (stack.account(), stack.account())
    try await account.furnish()
    try await other.furnish()
    let first = Task { try await other.predict() }
    try await eventually { engine.calls == 1 }
    let second = Task { try await account.predict() }
    try await eventually { stack.service.predictions.waitingCount == 1 }
    try await account.deleteSource(force: true)
    engine.release()
    _ = try await first.value
    await expectRefusal(.notEnoughData) { try await second.value }
    #expect(try await account.rows().count == 200)
    #expect(try await account.billedCount() == 0)
  }

  @Test("Rows are deleted once they are as old as rows are kept, few or many of a series, and no others")
  func retention() async throws {
    var configuration = PredictConfiguration()
    configuration.retentionDays = 2
    let stack = try await PredictStack(cluster: .shared(), configuration: configuration)
    let account = stack.account()
    try await account.createSource()
    let now = Int64(Date().timeIntervalSince1970)
    let old = now - 3 * 86_400
    try await account.ingest(
      (0..<12_000).map { .of("deep", old - $0, 1) } + [.of("deep", now, 1), .of("few", old, 1), .of("few", now, 1)]
        + (0..<150).flatMap { [.of("s\($0)", old, 1), .of("s\($0)", now, 2)] })
    try await stack.service.maintain()
    #expect(try await account.rows().count == 152)
    #expect(try await account.rows().allSatisfy { !$0.contains(" \(old) ") })
    try await stack.service.maintain()
    #expect(try await account.rows().count == 152)
  }

  /// Has what was deleted removed, by this process or by others that are at it.
  private func removeDeleted(_ account: Account) async throws {
    try await eventually {
      try await account.stack.service.maintain()
      return try await account.stack.administrator.query(
        "SELECT FROM predict.data_source WHERE account_id = $1 AND deleting", .text(account.id)
      ).isEmpty
    }
  }
}
