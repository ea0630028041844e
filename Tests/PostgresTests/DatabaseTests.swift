import Postgres
import Testing

@Suite("A database")
struct DatabaseTests {
  @Test("answers a query with typed columns")
  func query() async throws {
    try await withDatabase { database in
      let rows = try await database.query("SELECT $1 + 1 AS n, $2 AS t", .int(41), .text("x"))
      #expect(rows.count == 1)
      #expect(try rows[0].decode("n", as: Int.self) == 42)
      #expect(try rows[0].decode(1, as: String.self) == "x")
    }
  }

  @Test("counts the rows that a statement changed, and returns those of RETURNING")
  func affected() async throws {
    try await withDatabase { database in
      _ = try await database.execute("CREATE TABLE item (id bigint PRIMARY KEY)")
      #expect(try await database.execute("INSERT INTO item SELECT generate_series(1, 5)").affected == 5)
      let rows = try await database.execute("DELETE FROM item WHERE id > $1 RETURNING id", 3)
      #expect(rows.affected == 2)
      #expect(try Set(rows.map { try $0.decode("id", as: Int.self) }) == [4, 5])
      #expect(try await database.execute("UPDATE item SET id = id WHERE false").affected == 0)
    }
  }

  @Test("answers a thousand concurrent queries, each with its own answer")
  func concurrentQueries() async throws {
    try await withDatabase { database in
      try await withThrowingTaskGroup(of: (Int, Int).self) { group in
        for number in 0..<1_000 {
          group.addTask {
            let rows = try await database.query("SELECT $1", .int(number))
            return (number, try rows[0].decode(0, as: Int.self))
          }
        }
        var answers = 0
        for try await (sent, received) in group {
          #expect(sent == received)
          answers += 1
        }
        #expect(answers == 1_000)
      }
    }
  }

  @Test("says whether it answers while it is asked", .timeLimit(.minutes(1)))
  func answering() async throws {
    var configuration = Database.Configuration()
    configuration.statementTimeout = .zero
    try await withObservedDatabase(configuration) { database, admin in
      let locked = "SELECT pg_advisory_xact_lock_shared(1)"
      try await whileLocked(admin) {
        let question = Task { (try? await database.probe(locked)) != nil }
        question.cancel()
        #expect(await !question.value)
      }
      try await database.probe(locked)
      await #expect(throws: PostgresError.self) { try await database.probe("SELECT id FROM nowhere") }
    }
  }

  @Test("runs a statement alone that refuses a transaction block, also when no more statements can be prepared")
  func alone() async throws {
    var configuration = Database.Configuration()
    configuration.exclusiveConnections = 1
    configuration.statementCacheLimit = 1
    try await withDatabase(configuration) { database in
      try await database.executeAlone("CREATE TABLE item (id bigint PRIMARY KEY)")
      #expect(try await database.executeAlone("INSERT INTO item VALUES ($1)", 1).affected == 1)
      try await database.executeAlone("VACUUM item")
      let rows = try await database.executeAlone("SELECT id FROM item WHERE id = $1", parameters: [1])
      #expect(rows.count == 1)
    }
  }

  @Test("has no statement compiled just in time, on any connection", arguments: Lane.allCases)
  func noCompilation(lane: Lane) async throws {
    try await withDatabase { database in
      let rows = try await database.query("SELECT current_setting('jit')", on: lane)
      #expect(try rows[0].decode(0, as: String.self) == "off")
    }
  }

  @Test("refuses a write on the read lane")
  func readOnly() async throws {
    try await withDatabase { database in
      _ = try await database.execute("CREATE TABLE item (id bigint PRIMARY KEY)")
      let error = await postgresError { _ = try await database.query("INSERT INTO item VALUES (1)") }
      #expect(error?.sqlState == .readOnlyTransaction)
    }
  }
}
