import Postgres
import Testing

private struct Refusal: Error {}

@Suite("A transaction")
struct TransactionTests {
  private func count(_ database: Database) async throws -> Int {
    try await database.query("SELECT count(*) AS n FROM item")[0].decode("n")
  }

  @Test("commits when its body returns, and returns its value")
  func commit() async throws {
    try await withObservedDatabase { database, admin in
      let inside = try await database.transaction { transaction in
        _ = try await transaction.execute("INSERT INTO item (id) VALUES ($1)", 1)
        #expect(try await count(admin) == 0)
        return try await transaction.query("SELECT id FROM item").count
      }
      #expect(inside == 1)
      #expect(try await count(admin) == 1)
    }
  }

  @Test("rolls back when its body throws, and rethrows the error")
  func rollback() async throws {
    try await withObservedDatabase { database, admin in
      await #expect(throws: Refusal.self) {
        try await database.transaction { transaction in
          _ = try await transaction.execute("INSERT INTO item (id) VALUES ($1)", 1)
          throw Refusal()
        }
      }
      let error = await postgresError {
        try await database.transaction { transaction in
          _ = try await transaction.execute("INSERT INTO item (id) VALUES ($1)", 1)
          _ = try await transaction.execute("INSERT INTO item (id) VALUES ($1)", 1)
        }
      }
      #expect(error?.sqlState == .uniqueViolation)
      let found = try await count(admin)
      #expect(found == 0)
    }
  }

  @Test("that its client has left without a word holds no lock for longer than the limit")
  func abandonment() async throws {
    var configuration = Database.Configuration()
    configuration.idleTransactionTimeout = .milliseconds(200)
    try await withObservedDatabase(configuration) { database, admin in
      let error = await postgresError {
        try await database.transaction { transaction in
          _ = try await transaction.execute("INSERT INTO item (id) VALUES (1)")
          // It waits for the transaction's end, which says nothing more.
          _ = try await admin.execute("INSERT INTO item (id) VALUES (1)")
          _ = try await transaction.query("SELECT 1")
        }
      }
      #expect(error?.code == .connectionLost)
      let found = try await count(admin)
      #expect(found == 1)
      // The next one has a new connection.
      try await database.transaction { _ = try await $0.execute("INSERT INTO item (id) VALUES (2)") }
    }
  }

  @Test("throws the error that its body swallowed, for the server did not commit")
  func swallowedError() async throws {
    try await withObservedDatabase { database, admin in
      let error = await postgresError {
        try await database.transaction { transaction in
          _ = try await transaction.execute("INSERT INTO item (id) VALUES (1)")
          _ = try? await transaction.execute("INSERT INTO item (id) VALUES (1)")
        }
      }
      #expect(error?.sqlState == .uniqueViolation)
      let found = try await count(admin)
      #expect(found == 0)
    }
  }

  @Test("is rolled back when its task is cancelled, whether or not its body notices")
  func cancellation() async throws {
    try await withObservedDatabase { database, admin in
      for notices in [true, false] {
        let (reached, report) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
          try await database.transaction { transaction in
            _ = try await transaction.execute("INSERT INTO item (id) VALUES (1)")
            report.finish()
            while !Task.isCancelled { await Task.yield() }
            if notices { _ = try await transaction.execute("INSERT INTO item (id) VALUES (2)") }
          }
        }
        for await _ in reached {}
        task.cancel()
        let error = await postgresError { try await task.value }
        #expect(error?.code == .cancelled)
        let found = try await count(admin)
        #expect(found == 0)
      }
      let found = try await database.transaction { try await $0.query("SELECT 1").count }
      #expect(found == 1)
    }
  }

  @Test("is of no use after its end")
  func afterTheEnd() async throws {
    try await withDatabase { database in
      let transaction = try await database.transaction { $0 }
      let error = await postgresError { _ = try await transaction.query("SELECT 1") }
      #expect(error?.code == .closed)
    }
  }

  @Test("waits for a free connection, in order, and too many are refused")
  func exhaustion() async throws {
    var configuration = Database.Configuration()
    configuration.exclusiveConnections = 1
    configuration.transactionQueueLimit = 3
    try await withObservedDatabase(configuration) { database, admin in
      let order = Record()
      try await withThrowingTaskGroup(of: Void.self) { group in
        try await database.transaction { transaction in
          for number in 0..<3 {
            group.addImmediateTask {
              try await database.transaction { _ in order.append(number) }
            }
          }
          let error = await postgresError { try await database.transaction { _ in } }
          #expect(error?.code == .overloaded)
          #expect(order.values.isEmpty)
          _ = try await transaction.query("SELECT 1")
        }
        try await group.waitForAll()
      }
      #expect(order.values.sorted() == [0, 1, 2])
    }
  }

  @Test("gives up waiting after the queue timeout")
  func queueTimeout() async throws {
    var configuration = Database.Configuration()
    configuration.exclusiveConnections = 1
    configuration.queueTimeout = .seconds(2)
    try await withDatabase(configuration) { database in
      try await database.transaction { _ in
        let error = await postgresError { try await database.transaction { _ in } }
        #expect(error?.code == .timeout)
        #expect(error?.sqlState == nil)
      }
    }
  }

  @Test("runs its body again after a serialization failure, as often as asked")
  func retrying() async throws {
    try await withObservedDatabase { database, admin in
      _ = try await admin.execute("INSERT INTO item VALUES (1, '')")
      var runs = 0
      try await database.transaction(isolation: .repeatableRead, retrying: 1) { transaction in
        runs += 1
        _ = try await transaction.query("SELECT note FROM item")
        if runs == 1 { _ = try await admin.execute("UPDATE item SET note = 'a'") }
        _ = try await transaction.execute("UPDATE item SET note = note || 'b'")
      }
      #expect(runs == 2)
      #expect(try await admin.query("SELECT note FROM item")[0].decode("note", as: String.self) == "ab")
      let error = await postgresError {
        try await database.transaction(isolation: .serializable) { transaction in
          _ = try await transaction.query("SELECT note FROM item")
          _ = try await admin.execute("UPDATE item SET note = 'c'")
          _ = try await transaction.execute("UPDATE item SET note = 'd'")
        }
      }
      #expect(error?.sqlState == .serializationFailure)
    }
  }

  @Test("sets for itself what its commit waits for, also when it begins with a script")
  func synchronousCommit() async throws {
    var configuration = Database.Configuration()
    configuration.exclusiveConnections = 1
    try await withDatabase(configuration) { database in
      let setting = "SELECT current_setting('synchronous_commit')"
      for (option, expected) in [(SynchronousCommit.off, "off"), (nil, "on"), (.on, "on")] {
        for begin in ["", "SELECT 1"] {
          let found = try await database.transaction(isolation: .repeatableRead, synchronousCommit: option) {
            if !begin.isEmpty { try await $0.script(begin) }
            return try await $0.query(setting + ", current_setting('transaction_isolation')")
          }
          #expect(try found[0].decode(0, as: String.self) == expected)
          #expect(try found[0].decode(1, as: String.self) == "repeatable read")
        }
        let alone = try await database.executeAlone(setting, synchronousCommit: option)
        #expect(try alone[0].decode(0, as: String.self) == expected)
      }
      // One that refuses a transaction block goes without it.
      try await database.executeAlone("CREATE TABLE item (id bigint)", synchronousCommit: .off)
      try await database.executeAlone("VACUUM item", synchronousCommit: .off)
    }
  }

  @Test("runs scripts of several statements, and none that end it")
  func scripts() async throws {
    try await withObservedDatabase { database, admin in
      try await database.transaction { transaction in
        try await transaction.script(
          "INSERT INTO item (id) VALUES (1); INSERT INTO item (id) VALUES (2); SET timezone = 'Asia/Tokyo'")
        #expect(try await transaction.execute("INSERT INTO item (id) VALUES (3)").affected == 1)
      }
      #expect(try await count(admin) == 3)
      // The script's setting did not outlive the transaction's connection.
      try await database.transaction { transaction in
        let rows = try await transaction.query("SELECT current_setting('timezone') AS zone")
        #expect(try rows[0].decode("zone", as: String.self) != "Asia/Tokyo")
      }
      let failed = await postgresError {
        try await database.transaction { try await $0.script("DELETE FROM item; SELECT 1 / 0") }
      }
      #expect(failed?.sqlState?.rawValue == "22012")
      let ended = await postgresError {
        try await database.transaction { transaction in
          try await transaction.script("INSERT INTO item (id) VALUES (4); COMMIT")
        }
      }
      #expect(ended?.code == .unsafe)
      let copied = await postgresError {
        try await database.transaction { try await $0.script("COPY item FROM STDIN") }
      }
      #expect(copied?.code == .connectionLost)
      #expect(try await count(admin) == 4)
      #expect(try await database.transaction { try await $0.query("SELECT 1").count } == 1)
    }
  }

  @Test(
    "may set savepoints and local settings, and nothing that outlives it",
    arguments: ["COMMIT", "ROLLBACK", "SET timezone = 'UTC'", "LISTEN a"])
  func statements(refused: String) async throws {
    try await withObservedDatabase { database, admin in
      try await database.transaction { transaction in
        _ = try await transaction.execute("SET LOCAL timezone = 'UTC'")
        _ = try await transaction.execute("SAVEPOINT a")
        _ = try? await transaction.execute("SELECT 1 / 0")
        _ = try await transaction.execute("ROLLBACK TO SAVEPOINT a")
        _ = try await transaction.execute("INSERT INTO item (id) VALUES (1)")
        let error = await postgresError { _ = try await transaction.execute(refused) }
        #expect(error?.code == .unsafe)
      }
      #expect(try await count(admin) == 1)
    }
  }

  @Test("runs statements of concurrent tasks one after another")
  func concurrentStatements() async throws {
    try await withDatabase { database in
      try await database.transaction { transaction in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for number in 0..<50 {
            group.addTask {
              let rows = try await transaction.query("SELECT $1", .int(number))
              #expect(try rows[0].decode(0, as: Int.self) == number)
            }
          }
          try await group.waitForAll()
        }
      }
    }
  }
}
