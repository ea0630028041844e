import Postgres
import TestSupport
import Testing

@Suite("A lost connection")
struct ConnectionLossTests {
  private let terminate = "SELECT pg_terminate_backend($1, 10000)"

  @Test("does not show to a read: it is sent again", arguments: [Lane.read, .callback])
  func read(lane: Lane) async throws {
    try await withObservedDatabase { database, admin in
      let task = try await whileLocked(admin) {
        let task = Task.immediate {
          try await database.query("SELECT pg_advisory_xact_lock_shared(1), 42 AS n", on: lane)
        }
        let first = try await untilWaiting(admin)[0]
        _ = try await admin.query(terminate, .int4(Int32(first)))
        _ = try await untilWaiting(admin, besides: first)
        return task
      }
      #expect(try await task.value[0].decode("n", as: Int.self) == 42)
    }
  }

  @Test("fails a read that loses it twice")
  func readTwice() async throws {
    try await withObservedDatabase { database, admin in
      let task = try await whileLocked(admin) {
        let task = Task.immediate { try await database.query("SELECT pg_advisory_xact_lock_shared(1)") }
        let first = try await untilWaiting(admin)[0]
        _ = try await admin.query(terminate, .int4(Int32(first)))
        let second = try await untilWaiting(admin, besides: first)[0]
        _ = try await admin.query(terminate, .int4(Int32(second)))
        return task
      }
      #expect(await postgresError { _ = try await task.value }?.code == .connectionLost)
    }
  }

  @Test(
    "leaves a write's outcome unknown, says why, never sends it again, and the next one works",
    arguments: [Lane.write, .exclusive])
  func write(lane: Lane) async throws {
    try await withObservedDatabase { database, admin in
      let task = try await whileLocked(admin) {
        let task = Task.immediate { try await database.query(lockedInsert, 1, on: lane) }
        let backend = try await untilWaiting(admin)[0]
        _ = try await admin.query(terminate, .int4(Int32(backend)))
        return task
      }
      let error = await postgresError { _ = try await task.value }
      #expect(error?.code == .connectionLost)
      #expect(error?.message.contains("the server closed the connection") == true)
      #expect(try await database.query("INSERT INTO item (id) VALUES (2)", on: lane).affected == 1)
      #expect(try await admin.query("SELECT id FROM item")[0].decode("id", as: Int.self) == 2)
    }
  }

  @Test("ends a transaction: its further statements fail too, and the next transaction works")
  func transaction() async throws {
    try await withObservedDatabase { database, admin in
      let error = await postgresError {
        try await database.transaction { transaction in
          _ = try await transaction.execute("INSERT INTO item (id) VALUES (1)")
          let backend = try await transaction.query("SELECT pg_backend_pid()")[0].decode(0, as: Int32.self)
          _ = try await admin.query(terminate, .int4(backend))
          _ = try? await transaction.query("SELECT 1")
          _ = try await transaction.query("SELECT 2")
        }
      }
      #expect(error?.code == .connectionLost)
      let found = try await database.transaction { try await $0.query("SELECT id FROM item").count }
      #expect(found == 0)
    }
  }

  @Test("does not show at all when it was idle")
  func idle() async throws {
    try await withObservedDatabase { database, admin in
      for round in 1...3 {
        _ = try await database.query("SELECT 1")
        _ = try await database.execute("INSERT INTO item (id) VALUES ($1)", .int(round))
        try await database.transaction { _ = try await $0.query("SELECT 1") }
        let ended = try await admin.transaction {
          try await $0.query(
            """
            SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
            WHERE datname = current_database() AND state = 'idle' AND pid <> pg_backend_pid()
              AND query NOT LIKE '%CREATE TABLE%' AND query NOT LIKE '%pg_advisory%'
            """
          ).count
        }
        #expect(ended >= 3)
      }
    }
  }

  @Test("is opened again after the server was restarted, and statements wait for it", arguments: [false, true])
  func restart(immediately: Bool) async throws {
    let cluster = try await TestCluster()
    var configuration = Database.Configuration()
    configuration.queueTimeout = .seconds(60)
    try await withDatabase(url: cluster.url(), configuration) { database in
      _ = try await database.execute("CREATE TABLE item (id bigint PRIMARY KEY)")
      try await database.executeAlone("CHECKPOINT")
      try await database.transaction { _ = try await $0.query("SELECT 1") }
      try await cluster.stop(immediately: immediately)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addImmediateTask { _ = try await database.query("SELECT 1") }
        group.addImmediateTask { _ = try await database.execute("INSERT INTO item (id) VALUES (1)") }
        group.addImmediateTask { try await database.transaction { _ = try await $0.query("SELECT 1") } }
        try await cluster.start()
        try await group.waitForAll()
      }
      #expect(try await database.query("SELECT id FROM item").count == 1)
    }
    try await cluster.stop()
  }
}
