import Postgres
import PredictServer
import ServiceKit
import ServiceLifecycle
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing

@Suite("Data sources")
struct DataSourceTests {
  @Test("A name is a lowercase letter, then lowercase letters, digits and underscores, 48 at most")
  func names() async throws {
    for name in ["a", "store_metrics", "a1_", String(repeating: "a", count: 48)] { #expect(ResourceName.isValid(name)) }
    let bad = ["", "A", "1a", "_a", "a-b", "a b", "é", "a\0", "a\n", String(repeating: "a", count: 49)]
    let account = try await PredictStack.make().account()
    for name in bad {
      await expectRefusal(.invalidArgument, saying: "name must be") { try await account.createSource(name) }
    }
    #expect(try await account.sourceNames() == [[]])
  }

  @Test("A created source is listed once, and its name is taken")
  func create() async throws {
    let account = try await PredictStack.make().account()
    let source = try await account.createSource("metrics")
    #expect(source.id.hasPrefix("src_") && source.id.count == 26 && !source.archived)
    #expect(source.createTime.seconds > 1_700_000_000)
    await expectRefusal(.dataSourceExists) { try await account.createSource("metrics") }
    #expect(try await account.sourceNames() == [["metrics"]])
  }

  @Test("A source is read by its name")
  func get() async throws {
    let account = try await PredictStack.make().account()
    let source = try await account.createSource()
    #expect(try await account.source() == source)
    let archived = try await account.setArchived(true)
    #expect(try await account.source() == archived && archived.archived)
    for name in ["none", "", "No such name", "nul\0"] {
      await expectRefusal(.dataSourceNotFound) { try await account.source(name) }
    }
  }

  @Test("The same idempotency key answers what it created; with another name it is refused")
  func idempotency() async throws {
    let account = try await PredictStack.make().account()
    let first = try await account.createSource("metrics", key: "k 1")
    #expect(try await account.createSource("metrics", key: "k 1") == first)
    await expectRefusal(.idempotencyKeyReused) { try await account.createSource("others", key: "k 1") }
    await expectRefusal(.dataSourceExists) { try await account.createSource("metrics", key: "k 2") }
    await expectRefusal(.invalidArgument) {
      try await account.createSource("x", key: String(repeating: "k", count: 256))
    }
    #expect(try await account.sourceNames() == [["metrics"]])
  }

  @Test("The series of a source are listed by name, with their rows and the latest of them")
  func series() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    try await account.createSource("empty")
    try await account.ingest([
      .of("b", 100, 1), .of("b", 300, 1), .of("b", 200, 1), .of("a", 5, 1), .of("é \"x\"", 7, 1),
    ])
    let pages = try await account.series(size: 2)
    #expect(pages.map { $0.map(\.name) } == [["a", "b"], ["é \"x\""]])
    #expect(pages.joined().map(\.rowCount) == [1, 3, 1])
    #expect(pages.joined().map(\.latestTimestamp) == [5, 300, 7])
    #expect(try await account.series(of: "empty") == [[]])
    await expectRefusal(.dataSourceNotFound) { try await account.series(of: "none") }
    await expectRefusal(.dataSourceNotFound) { try await account.series(of: "a\0") }
  }

  @Test("The rows of a series are counted as they are written: overwritten ones once, a refused call's not at all")
  func rowCounts() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    try await account.ingest((0..<100).map { .of("a", $0, 1) } + (0..<10).map { .of("b", $0, 1) })
    try await account.ingest((50..<120).map { .of("a", $0, 2) } + [.of("b", 3, 1), .of("b", 3, 4)])
    await expectRefusal(.invalidArgument) { try await account.ingest([.of("a", 500, 1), .of("a", -1, 1)]) }
    let series = try await account.series().joined()
    #expect(series.map(\.rowCount) == [120, 10])
    #expect(series.map(\.latestTimestamp) == [119, 9])
  }

  @Test("Listing series reads counts that were kept instead of the rows")
  func keptCounts() async throws {
    let account = try await PredictStack.make().account()
    let source = try await account.createSource()
    try await account.ingest([.of("a", 1, 1)])
    try await account.stack.administrator.transaction { transaction in
      try await transaction.execute("DELETE FROM predict.series_change WHERE account_id = $1", .text(account.id))
      try await transaction.execute(
        """
        INSERT INTO predict.series_count VALUES ($1, $2, 'a', 7000000)
        ON CONFLICT (account_id, source_id, name) DO UPDATE SET row_count = excluded.row_count
        """,
        .text(account.id), .text(source.id))
    }
    try await account.ingest([.of("a", 2, 1), .of("a", 1, 5)])
    #expect(try await account.series().joined().map(\.rowCount) == [7_000_001])
  }

  @Test("Changes are added to the counts in the background, and series without rows are forgotten")
  func foldedCounts() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    for start in Int64(0)..<100 { try await account.ingest([.of("a", start, 1), .of("b", start, 1)]) }
    try await account.deleteRecords { $0.series = "b" }
    try await account.deleteRecords { $0.endTimestamp = .init(40) }
    let series = try await account.series()
    #expect(series.joined().map(\.rowCount) == [60])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for service in account.stack.service.background { group.addTask { try await service.run() } }
      try await eventually { try await account.countRows("series_change") == 0 }
      group.cancelAll()
      try await group.waitForAll()
    }
    #expect(try await account.series() == series)
    #expect(try await account.countRows("series_count") == 1)
  }

  @Test("Ingests and deletions of the same series at once leave exact counts")
  func concurrentCounts() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in Int64(0)..<8 {
        group.addTask {
          for round in Int64(0)..<10 {
            let first = (writer * 10 + round) * 20
            try await account.ingest((first..<first + 40).map { .of("s\($0 % 3)", $0, Double(writer)) })
          }
        }
      }
      for step in Int32(1)...10 {
        group.addTask { try await account.deleteRecords { $0.endTimestamp = .init(Int64(step) * 50) } }
      }
      try await group.waitForAll()
    }
    let rows = try await account.rows()
    let series = try await account.series().joined()
    #expect(series.map(\.name) == ["s0", "s1", "s2"])
    for one in series {
      #expect(Int(one.rowCount) == rows.count { $0.hasPrefix("\(one.name) ") })
    }
  }

  @Test("Pages follow one another by name and end")
  func pages() async throws {
    let account = try await PredictStack.make().account()
    for name in ["d", "b", "a_1", "a1", "c"] { try await account.createSource(name) }
    #expect(try await account.sourceNames(size: 2) == [["a1", "a_1"], ["b", "c"], ["d"]])
    #expect(try await account.sourceNames(size: 5) == [["a1", "a_1", "b", "c", "d"]])
    await expectRefusal(.invalidArgument) { try await account.sourceNames(size: -1) }
  }
}

extension Account {
  /// The number of the account's rows in a table of the schema.
  func countRows(_ table: String) async throws -> Int {
    try await stack.administrator.query(
      "SELECT count(*) FROM predict.\(table) WHERE account_id = $1", .text(id)
    )[0].decode(0)
  }
}
