import FoundationEssentials
import Postgres
import PredictServer
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing

@Suite("Ingest")
struct IngestTests {
  typealias Record = Temporis_Predict_V1_Record

  @Test("A key that is sent again overwrites the value, and replaying changes nothing")
  func upsert() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    #expect(try await account.ingest([.of("b", 10, 1), .of("a", 20, 2), .of("a", 10, 3)]) == 3)
    #expect(try await account.ingest([.of("a", 10, -4.5)]) == 1)
    let rows = ["a 10 -4.5", "a 20 2.0", "b 10 1.0"]
    #expect(try await account.rows() == rows)
    #expect(try await account.ingest([.of("a", 20, 2), .of("b", 10, 1)]) == 2)
    #expect(try await account.rows() == rows)
  }

  @Test("Of two records with one key the later wins, across batches too, and counts once")
  func laterWins() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    let records: [Record] = [.of("a", 5, 1), .of("b", 5, 2), .of("a", 5, 3), .of("a", 6, 4), .of("a", 5, 5)]
    #expect(try await account.ingest(records, batch: 2) == 3)
    #expect(try await account.rows() == ["a 5 5.0", "a 6 4.0", "b 5 2.0"])
  }

  @Test("Names that Unicode takes as equivalent are two series when their bytes differ")
  func namesAreBytes() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    #expect(try await account.ingest([.of("caf\u{E9}", 1, 1), .of("cafe\u{301}", 1, 2)]) == 2)
    #expect(try await account.rows().count == 2)
  }

  @Test(
    "A bad record is named by its number and field, and nothing of the call is stored",
    arguments: [
      (Record.of("a", -1, 1), "records[17].timestamp must be an integer number of Unix seconds"),
      (Record.of("a", 253_402_300_800, 1), "records[17].timestamp must be"),
      (Record.of("a", 1_760_000_000_000, 1), "milliseconds"),
      (Record.of("", 1, 1), "records[17].name must be"),
      (Record.of("timestamp", 1, 1), "records[17].name must be"),
      (Record.of("a\u{0}b", 1, 1), "records[17].name must be"),
      (Record.of(String(repeating: "x", count: 256), 1, 1), "records[17].name must be"),
      (Record.of("a", 1, .nan), "records[17].value must be a finite number"),
      (Record.of("a", 1, .infinity), "records[17].value must be a finite number"),
    ])
  func badRecord(bad: Record, message: String) async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    for position in [0, 17] {
      var records = (0..<30).map { Record.of("a", Int64($0), 1) }
      records[position] = bad
      let message = message.replacing("[17]", with: "[\(position)]")
      await expectRefusal(.invalidArgument, saying: message) { try await account.ingest(records, batch: 10) }
    }
    #expect(try await account.rows().isEmpty)
  }

  @Test("A row of the far future is refused by its number, whatever batch it is in, and nothing is stored")
  func farFuture() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    let now = Int64(Date().timeIntervalSince1970)
    let nearest = Record.of("a", now + 366 * 86_400 + 3_600, 1)
    for bad in [nearest, .of("a", 253_402_300_799, 1)] {
      for position in [0, 17] {
        var records = (0..<30).map { Record.of("a", Int64($0), 1) }
        records[position] = bad
        let rule = "records[\(position)].timestamp must be at most 366 days ahead of the server's clock"
        await expectRefusal(.invalidArgument, saying: rule) { try await account.ingest(records, batch: 10) }
      }
    }
    #expect(try await account.rows().isEmpty)
    #expect(try await account.ingest([.of("a", now + 366 * 86_400 - 3_600, 1)]) == 1)
  }

  @Test("How far ahead of the clock a row may be is a setting")
  func futureSetting() async throws {
    let account = try await PredictStack.make { $0.maximumFutureDays = 0 }.account()
    try await account.createSource()
    let now = Int64(Date().timeIntervalSince1970)
    await expectRefusal(.invalidArgument, saying: "at most 0 days") {
      try await account.ingest([.of("a", now + 3_600, 1)])
    }
    #expect(try await account.ingest([.of("a", now, 1)]) == 1)
  }

  @Test("The extremes of the ranges are stored")
  func extremes() async throws {
    let account = try await PredictStack.make { $0.maximumFutureDays = 2_932_896 }.account()
    try await account.createSource()
    let name = String(repeating: "x", count: 255)
    let values = [Double.greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude]
    let records = [
      Record.of(name, 0, values[0]), .of(name, 1, values[1]), .of(name, 253_402_300_799, values[2]),
    ]
    #expect(try await account.ingest(records) == 3)
    #expect(try await account.rows() == zip([0, 1, 253_402_300_799], values).map { "\(name) \($0) \($1)" })
  }

  @Test("100,000 records pass, one more is too many whatever else is wrong")
  func tooMany() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    var records = (0..<100_001).map { Record.of("a", Int64($0), 1) }
    records[3].value = .nan
    await expectRefusal(.tooManyRecords) { try await account.ingest(records, into: "none", batch: 9_999) }
    records[3].value = 1
    await expectRefusal(.tooManyRecords) { try await account.ingest(records, batch: 9_999) }
    #expect(try await account.rows().isEmpty)
    #expect(try await account.ingest(records.dropLast(), batch: 9_999) == 100_000)
  }

  @Test("An archived source refuses rows until it is unarchived")
  func archived() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    #expect(try await account.setArchived(true).archived)
    #expect(try await account.setArchived(true).archived)
    await expectRefusal(.dataSourceArchived) { try await account.ingest([.of("a", 1, 1)]) }
    await expectRefusal(.dataSourceArchived) { try await account.ingest([]) }
    await expectRefusal(.invalidArgument) { try await account.ingest([.of("a", -1, 1)]) }
    #expect(try await account.rows().isEmpty)
    #expect(try await !account.setArchived(false).archived)
    #expect(try await account.ingest([.of("a", 1, 1)]) == 1)
  }

  @Test("No source by that name, another account's included, is not found, even for no records")
  func notFound() async throws {
    let stack = try await PredictStack.make()
    let (owner, other) = (stack.account(), stack.account())
    try await owner.createSource()
    for name in ["metrics", "none", "", "No such name", "nul\0"] {
      await expectRefusal(.dataSourceNotFound) { try await other.ingest([.of("a", 1, 1)], into: name) }
      await expectRefusal(.dataSourceNotFound) { try await other.ingest([], into: name) }
    }
    await expectRefusal(.dataSourceNotFound) { try await other.setArchived(true) }
    #expect(try await owner.ingest([]) == 0)
  }

  @Test("A call's first message is the header and the only one")
  func parts() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    let header = Temporis_Predict_V1_IngestRequest.with { $0.header.dataSource = "metrics" }
    let batch = Temporis_Predict_V1_IngestRequest.with { $0.batch.records = [.of("a", 1, 1)] }
    for parts in [[], [batch], [.init(), batch], [header, batch, header], [header, .init()]] {
      await expectRefusal(.invalidArgument) { try await account.ingest(parts: parts) }
    }
    #expect(try await account.rows().isEmpty)
  }

  @Test("Ingests of the same rows in opposite orders end without a deadlock")
  func noDeadlock() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    let records = (0..<400).map { Record.of("s\($0 % 7)", Int64($0), Double($0)) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for round in 0..<12 {
        group.addTask {
          let values = records.map { Record.of($0.name, $0.timestamp, $0.value + Double(round)) }
          try await account.ingest(round.isMultiple(of: 2) ? values : values.reversed())
        }
      }
      try await group.waitForAll()
    }
    #expect(try await account.rows().count == 400)
  }

  @Test("An archive waits for the ingest that runs, and so nothing is stored after its answer")
  func archiveRace() async throws {
    let account = try await PredictStack.make().account()
    let source = try await account.createSource()
    // An open transaction holds one of the keys, so that the ingest stops half way.
    let (ingest, archive) = try await account.stack.administrator.transaction { transaction in
      let holder = try await transaction.query(
        "INSERT INTO predict.record VALUES ($1, $2, 'a', 1, 0) RETURNING pg_backend_pid()",
        .text(account.id), .text(source.id)
      )[0].decode(0, as: Int32.self)
      let ingest = Task { try await account.ingest([.of("a", 0, 1), .of("a", 1, 2)]) }
      try await eventually { try await account.stack.waiters(behind: holder) == 1 }
      let archive = Task { try await account.setArchived(true) }
      try await eventually { try await account.stack.waiters(behind: holder) == 2 }
      return (ingest, archive)
    }
    #expect(try await ingest.value == 2)
    #expect(try await archive.value.archived)
    #expect(try await account.rows() == ["a 0 1.0", "a 1 2.0"])
    await expectRefusal(.dataSourceArchived) { try await account.ingest([.of("a", 2, 1)]) }
  }

  @Test("An archive that waits gets its turn before the ingests that come after it")
  func archiveTurn() async throws {
    let account = try await PredictStack.make().account()
    let source = try await account.createSource()
    let (ingest, archive, later) = try await account.stack.administrator.transaction { transaction in
      let holder = try await transaction.query(
        "INSERT INTO predict.record VALUES ($1, $2, 'a', 1, 0) RETURNING pg_backend_pid()",
        .text(account.id), .text(source.id)
      )[0].decode(0, as: Int32.self)
      let ingest = Task { try await account.ingest([.of("a", 1, 2)]) }
      try await eventually { try await account.stack.waiters(behind: holder) == 1 }
      let archive = Task { try await account.setArchived(true) }
      try await eventually { try await account.stack.waiters(behind: holder) == 2 }
      let later = Task { try await account.ingest([.of("b", 1, 2)]) }
      try await eventually { try await account.stack.waiters(behind: holder) == 3 }
      return (ingest, archive, later)
    }
    #expect(try await ingest.value == 1)
    #expect(try await archive.value.archived)
    await expectRefusal(.dataSourceArchived) { try await later.value }
    #expect(try await account.rows() == ["a 1 2.0"])
  }
}

extension PredictStack {
  /// The number of sessions that wait for one, or for one that waits for it, and so on.
  func waiters(behind holder: Int32) async throws -> Int {
    try await administrator.query(
      """
      WITH RECURSIVE blocked (pid) AS (
        SELECT $1
        UNION
        SELECT a.pid FROM blocked, pg_stat_activity AS a WHERE blocked.pid = ANY (pg_blocking_pids(a.pid))
      )
      SELECT count(*) - 1 FROM blocked
      """,
      .int4(holder)
    )[0].decode(0)
  }
}
