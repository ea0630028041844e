import Logging
import Postgres
import Synchronization
import TestSupport
import Testing

@Suite("Limits, cancelling and closing")
struct LimitTests {
  @Test(
    "a statement that runs too long is cancelled by the server, its neighbours are not",
    arguments: Lane.allCases)
  func statementTimeout(lane: Lane) async throws {
    var configuration = Database.Configuration()
    configuration.statementTimeout = .seconds(1)
    try await withObservedDatabase(configuration) { database, _ in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addImmediateTask {
          let error = await postgresError { _ = try await database.query("SELECT pg_sleep(60)", on: lane) }
          #expect(error?.code == .timeout)
          #expect(error?.sqlState == .queryCanceled)
        }
        for _ in 0..<8 {
          group.addImmediateTask {
            let found = try await database.query("SELECT 1", on: lane).count
            #expect(found == 1)
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test("a batch may take as long as all of its statements may, though the server says nothing meanwhile")
  func slowBatch() async throws {
    var configuration = Database.Configuration()
    configuration.readConnections = 1
    configuration.statementTimeout = .seconds(2)
    configuration.silenceTimeout = .zero
    try await withDatabase(configuration) { database in
      try await withThrowingTaskGroup(of: Void.self) { group in
        // The first goes alone, the others together.
        for _ in 0..<10 {
          group.addImmediateTask { _ = try await database.query("SELECT pg_sleep(0.3)") }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test(
    "the statement timeout is rounded up to milliseconds",
    arguments: [(Duration.zero, "0"), (.microseconds(250_001), "251ms"), (.seconds(30), "30s")])
  func statementTimeoutSetting(timeout: Duration, setting: String) async throws {
    var configuration = Database.Configuration()
    configuration.statementTimeout = timeout
    try await withDatabase(configuration) { database in
      let rows = try await database.query("SELECT current_setting('statement_timeout')")
      #expect(try rows[0].decode(0, as: String.self) == setting)
    }
  }

  @Test("times may be longer than any clock runs")
  func longTimes() async throws {
    var configuration = Database.Configuration()
    configuration.queueTimeout = .seconds(1 << 40)
    configuration.connectTimeout = .seconds(1 << 40)
    configuration.silenceTimeout = .seconds(1 << 40)
    configuration.closeTimeout = .seconds(1 << 40)
    try await withDatabase(configuration) { database in
      let found = try await database.query("SELECT 1").count
      #expect(found == 1)
    }
  }

  @Test("a statement timeout below a millisecond is no lack of one")
  func shortestStatementTimeout() async throws {
    var configuration = Database.Configuration()
    configuration.statementTimeout = .microseconds(1)
    try await withDatabase(configuration) { database in
      #expect(await postgresError { _ = try await database.query("SELECT pg_sleep(60)") }?.code == .timeout)
    }
  }

  @Test("more statements than may be pending are refused at once")
  func overload() async throws {
    var configuration = Database.Configuration()
    configuration.pendingLimit = 4
    try await withObservedDatabase(configuration) { database, admin in
      try await withThrowingTaskGroup(of: Void.self) { group in
        try await whileLocked(admin) {
          for id in 0..<4 {
            group.addImmediateTask { _ = try await database.execute(lockedInsert, .int(id)) }
          }
          let error = await postgresError { _ = try await database.execute(lockedInsert, 4) }
          #expect(error?.code == .overloaded)
        }
        try await group.waitForAll()
      }
      for _ in 0..<20 { _ = try await database.query("SELECT 1") }
    }
  }

  @Test("a read whose caller waits no longer is not sent, though others before it wait on")
  func patience() async throws {
    var configuration = Database.Configuration()
    configuration.readConnections = 1
    try await withObservedDatabase(configuration) { database, admin in
      let outcomes = Mutex<[String: Result<PostgresRows, PostgresError>]>([:])
      func ask(_ name: String, _ sql: String, patience: Duration?) {
        database.query(sql, parameters: [], patience: patience) { rows in outcomes.withLock { $0[name] = rows } }
      }
      try await whileLocked(admin) {
        ask("locked", "SELECT pg_advisory_xact_lock_shared(1)", patience: nil)
        _ = try await untilWaiting(admin)
        ask("patient", "SELECT 1", patience: nil)
        // It would take a lock that nobody else may hold later.
        ask("hurried", "SELECT pg_advisory_xact_lock(1)", patience: .milliseconds(20))
        try await Task.sleep(for: .milliseconds(40))
      }
      try await eventually { outcomes.withLock { $0.count == 3 } }
      let answers = outcomes.withLock(\.self)
      #expect(throws: Never.self) { try answers["locked"]?.get() }
      #expect(throws: Never.self) { try answers["patient"]?.get() }
      let error = #expect(throws: PostgresError.self) { try answers["hurried"]?.get() }
      #expect(error?.code == .timeout)
    }
  }

  @Test("cancelling drops what was not sent, and a read's result at once, and never a write that was sent")
  func cancelling() async throws {
    var configuration = Database.Configuration()
    configuration.readConnections = 1
    try await withObservedDatabase(configuration) { database, admin in
      let running = try await whileLocked(admin) {
        let running = Task.immediate { try await database.execute(lockedInsert, 1).affected }
        let read = Task.immediate { try await database.query("SELECT pg_advisory_xact_lock_shared(1)") }
        _ = try await untilWaiting(admin, count: 2)
        let queued = Task.immediate { try await database.execute("INSERT INTO item (id) VALUES (2)") }
        for task in [read, queued] {
          task.cancel()
          #expect(await postgresError { _ = try await task.value }?.code == .cancelled)
        }
        running.cancel()
        return running
      }
      #expect(try await running.value == 1)
      _ = try await database.execute("INSERT INTO item (id) VALUES (3)")
      #expect(
        try await database.query("SELECT id FROM item ORDER BY id").map { try $0.decode(0, as: Int.self) } == [1, 3])
      let before = Task {
        while !Task.isCancelled { await Task.yield() }
        _ = try await database.execute("INSERT INTO item (id) VALUES (4)")
      }
      before.cancel()
      #expect(await postgresError { try await before.value }?.code == .cancelled)
      #expect(try await database.query("SELECT id FROM item").count == 2)
    }
  }

  @Test(
    "a write that was sent runs to its end in the server, too, when its task is cancelled",
    arguments: [Lane.write, .exclusive])
  func cancelledWrite(lane: Lane) async throws {
    try await withObservedDatabase { database, admin in
      let task = try await whileLocked(admin) {
        let task = Task.immediate { try await database.query(lockedInsert, 1, on: lane).affected }
        let backend = try await untilWaiting(admin)
        task.cancel()
        // The server has had its turn, and the write still waits.
        #expect(try await database.query("SELECT 1").count == 1)
        #expect(try await untilWaiting(admin) == backend)
        return task
      }
      #expect(try await task.value == 1)
      #expect(try await admin.query("SELECT id FROM item").count == 1)
    }
  }

  @Test("a transaction whose task is cancelled is rolled back after the statement that runs, which is not cancelled")
  func cancelledTransaction() async throws {
    try await withObservedDatabase { database, admin in
      let affected = Record()
      let task = try await whileLocked(admin) {
        let task = Task.immediate {
          try await database.transaction { transaction in
            affected.append(try await transaction.execute(lockedInsert, 1).affected)
          }
        }
        _ = try await untilWaiting(admin)
        task.cancel()
        return task
      }
      #expect(await postgresError { try await task.value }?.code == .cancelled)
      #expect(affected.values == [1])
      #expect(try await admin.query("SELECT id FROM item").isEmpty)
    }
  }

  @Test("closing waits for what runs, refuses what does not, and may be repeated")
  func closing() async throws {
    try await withObservedDatabase { database, admin in
      try await withThrowingTaskGroup(of: Void.self) { group in
        try await whileLocked(admin) {
          group.addImmediateTask {
            let found = try await database.execute(lockedInsert, 1).affected
            #expect(found == 1)
          }
          group.addImmediateTask {
            try await database.transaction { transaction in
              _ = try await transaction.execute(lockedInsert, 2)
              _ = try await transaction.execute("INSERT INTO item (id) VALUES (3)")
            }
          }
          _ = try await untilWaiting(admin, count: 2)
          group.addImmediateTask {
            #expect(
              await postgresError { _ = try await database.execute("INSERT INTO item (id) VALUES (4)") }?.code
                == .closed)
          }
          group.addImmediateTask { await database.close() }
          group.addImmediateTask { await database.close() }
          #expect(await postgresError { _ = try await database.query("SELECT 1") }?.code == .closed)
          #expect(await postgresError { try await database.transaction { _ in } }?.code == .closed)
        }
        try await group.waitForAll()
      }
      await database.close()
      #expect(
        try await admin.query("SELECT id FROM item ORDER BY id").map { try $0.decode(0, as: Int.self) } == [1, 2, 3])
    }
  }

  @Test("closing gives up on what runs too long: its outcome is unknown")
  func closingTimeout() async throws {
    var configuration = Database.Configuration()
    configuration.closeTimeout = .zero
    try await withObservedDatabase(configuration) { database, admin in
      try await whileLocked(admin) {
        let task = Task.immediate { _ = try await database.execute(lockedInsert, 1) }
        _ = try await untilWaiting(admin)
        await database.close()
        #expect(await postgresError { try await task.value }?.code == .connectionLost)
      }
    }
  }

  @Test("a database that was never used closes, and one that is dropped ends its connections")
  func dropping() async throws {
    try await withDatabase { _ in }
    try await withObservedDatabase { _, admin in
      let url = try await admin.query("SELECT current_database(), current_setting('unix_socket_directories')")[0]
      let name: String = try url.decode(0)
      let directory: String = try url.decode(1)
      func use() async throws {
        let dropped = try Database(
          url: "postgres://postgres@/\(name)?host=\(directory)&application_name=dropped", logger: .init(label: "test"))
        _ = try await dropped.query("SELECT 1")
      }
      try await use()
      try await eventually {
        try await admin.query("SELECT 1 FROM pg_stat_activity WHERE application_name = 'dropped'").isEmpty
      }
    }
  }
}
