import InMemoryLogging
import Logging
import Postgres
import TestSupport
import Testing

@Suite("Notifications")
struct NotificationTests {
  /// The sessions that listen or have listened, as process ids.
  private static let listening = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND (query LIKE 'LISTEN %' OR query LIKE 'UNLISTEN %')
    """

  /// Appends 1 for each signal, until the sequence ends.
  private func count(_ channel: String, of database: Database, in record: Record) throws -> Task<Void, Never> {
    let signals = try database.notifications(on: channel)
    return Task { for await _ in signals { record.append(1) } }
  }

  private func notify(_ channel: String, _ database: Database) async throws {
    try await database.execute("SELECT pg_notify($1, '')", .text(channel))
  }

  private func until(_ record: Record, has count: Int) async throws {
    try await eventually { record.values.count >= count }
  }

  @Test("are signalled to the consumers of their channel, after one signal when listening begins")
  func signals() async throws {
    try await withObservedDatabase { database, admin in
      let name = #"the "Item"'s changes"#
      let records = (Record(), Record(), Record())
      let consumers = [
        try count(name, of: database, in: records.0), try count(name, of: database, in: records.1),
        try count("other", of: database, in: records.2),
      ]
      for record in [records.0, records.1, records.2] { try await until(record, has: 1) }
      #expect(try await admin.query(Self.listening).count == 1)
      for round in 2...4 {
        try await notify(name, admin)
        try await until(records.0, has: round)
        try await until(records.1, has: round)
      }
      await database.close()
      for consumer in consumers { await consumer.value }
      #expect(records.0.values.count == 4)
      #expect(records.1.values.count == 4)
      #expect(records.2.values.count == 1)
    }
  }

  @Test("of a whole time are one signal for a consumer that was busy meanwhile")
  func coalescing() async throws {
    try await withObservedDatabase { database, admin in
      let signals = try database.notifications(on: "slow")
      let fast = Record()
      let other = try count("fast", of: database, in: fast)
      try await until(fast, has: 1)
      for _ in 0..<100 { try await notify("slow", admin) }
      try await notify("fast", admin)
      try await until(fast, has: 2)
      await database.close()
      await other.value
      let slow = Record()
      for await _ in signals { slow.append(1) }
      #expect(slow.values.count == 1)
    }
  }

  @Test("are signalled again once a lost connection is replaced")
  func lostConnection() async throws {
    try await withObservedDatabase { database, admin in
      let record = Record()
      let consumer = try count("item", of: database, in: record)
      for round in 1...3 {
        try await until(record, has: 2 * round - 1)
        try await notify("item", admin)
        try await until(record, has: 2 * round)
        let ended = try await admin.query("SELECT pg_terminate_backend(pid, 10000) FROM (\(Self.listening)) AS session")
        #expect(ended.count == 1)
      }
      try await until(record, has: 7)
      consumer.cancel()
    }
  }

  @Test("cost no connection when their consumers have ended, each in its way")
  func leaving() async throws {
    try await withObservedDatabase { database, admin in
      let (kept, cancelled) = (Record(), Record())
      let first = try count("kept", of: database, in: kept)
      let second = try count("cancelled", of: database, in: cancelled)
      try await until(kept, has: 1)
      try await until(cancelled, has: 1)
      second.cancel()
      try await eventually {
        try await admin.query("SELECT pid FROM pg_stat_activity WHERE query = 'UNLISTEN \"cancelled\"'").count == 1
      }
      for await _ in try database.notifications(on: "left") { break }
      _ = try database.notifications(on: "dropped")
      // The rest go on.
      try await notify("kept", admin)
      try await until(kept, has: 2)
      #expect(try await admin.query(Self.listening).count == 1)
      first.cancel()
      try await eventually { try await admin.query(Self.listening).isEmpty }
      // And new ones may come.
      let again = try count("kept", of: database, in: kept)
      try await until(kept, has: 3)
      again.cancel()
    }
  }

  @Test("end when the database is closed, and are none of a database that is")
  func closing() async throws {
    try await withDatabase { database in
      let record = Record()
      let consumer = try count("item", of: database, in: record)
      try await until(record, has: 1)
      await database.close()
      await consumer.value
      for await _ in try database.notifications(on: "item") { record.append(2) }
      #expect(record.values == [1])
    }
  }

  @Test("through a pooler there are none, which the log says once")
  func pooler() async throws {
    let cluster = try await TestCluster.shared()
    let pooler = try PoolerRelay(to: cluster)
    defer { withExtendedLifetime(pooler) {} }
    let url = try await cluster.makeDatabase()
    var handler = InMemoryLogHandler()
    handler.logLevel = .debug
    let log = handler
    try await withDatabase(url: pooler.url(url), logger: Logger(label: "test") { _ in log }) { database in
      let record = Record()
      let consumers = [try count("a", of: database, in: record), try count("b", of: database, in: record)]
      try await eventually { log.entries.contains { $0.level == .warning } }
      let late = try count("c", of: database, in: record)
      // Whatever the late one might bring about, the poller has had its turn.
      #expect(try await database.query("SELECT 1").count == 1)
      await database.close()
      for consumer in consumers + [late] { await consumer.value }
      #expect(record.values.isEmpty)
    }
    let warnings = log.entries.filter { $0.level == .warning }.map(\.message.description)
    #expect(warnings.count == 1, "\(warnings)")
    #expect(warnings.first?.contains("notifications don't arrive through a connection pooler") == true)
    #expect(log.entries.count { $0.metadata["lane"]?.description == "listen" } == 1)
  }

  @Test(
    "are of channels whose names PostgreSQL takes as they are",
    arguments: ["", "a\0", String(repeating: "a", count: 64)])
  func names(channel: String) async throws {
    try await withDatabase { database in
      let error = await postgresError { _ = try database.notifications(on: channel) }
      #expect(error?.code == .invalidParameter)
    }
  }
}
