import Postgres
import Testing

@Suite("Pipelined lanes")
struct PipelineTests {
  @Test("give each of 64 concurrent writers its own outcome, and the table holds exactly the successes")
  func isolation() async throws {
    try await withObservedDatabase { database, admin in
      _ = try await admin.execute("INSERT INTO item (id) SELECT generate_series(1, 20)")
      let succeeded = Record()
      let refused = Record()
      await withTaskGroup(of: Void.self) { group in
        for writer in 0..<64 {
          group.addTask {
            for round in 0..<40 {
              // About 4 % are taken already, by the rows above or by another writer.
              let number = writer * 40 + round
              let isTaken = number % 25 == 3
              let id = isTaken ? number % 40 + 1 : 1_000 + number
              let error = await postgresError {
                let affected = try await database.execute("INSERT INTO item (id) VALUES ($1)", .int(id)).affected
                #expect(affected == 1)
              }
              if let error {
                #expect(error.sqlState == .uniqueViolation)
                #expect(isTaken)
                refused.append(id)
              } else {
                succeeded.append(id)
              }
            }
          }
        }
      }
      let stored: [Int] = try await admin.query("SELECT id FROM item WHERE id > 20 ORDER BY id").map {
        try $0.decode("id")
      }
      #expect(stored == succeeded.values.sorted())
      let refusals = refused.values.count
      #expect(stored.count + refusals == 64 * 40)
      #expect(refusals > 0)
    }
  }

  @Test("put waiting writes into one transaction")
  func batching() async throws {
    try await withObservedDatabase { database, admin in
      try await withThrowingTaskGroup(of: Void.self) { group in
        try await whileLocked(admin) {
          group.addImmediateTask { _ = try await database.execute(lockedInsert, 0) }
          _ = try await untilWaiting(admin)
          for id in 1...32 {
            group.addImmediateTask { _ = try await database.execute("INSERT INTO item (id) VALUES ($1)", .int(id)) }
          }
        }
        try await group.waitForAll()
      }
      let rows = try await admin.query("SELECT count(*), count(DISTINCT xmin::text) FROM item")
      #expect(try rows[0].decode(0, as: Int.self) == 33)
      #expect(try rows[0].decode(1, as: Int.self) == 2)
    }
  }

  @Test("don't send a write again after its time")
  func lateAgain() async throws {
    var configuration = Database.Configuration()
    configuration.queueTimeout = .seconds(2)
    try await withObservedDatabase(configuration) { database, admin in
      _ = try await admin.execute("INSERT INTO item (id) VALUES (1)")
      let (culprit, late) = try await whileLocked(admin, key: 2) {
        let batch = try await whileLocked(admin) {
          let first = Task.immediate { _ = try await database.execute(lockedInsert, 2) }
          _ = try await untilWaiting(admin)
          let culprit = Task.immediate {
            _ = try await database.execute("INSERT INTO item (id) SELECT 1 FROM pg_advisory_xact_lock_shared(2)")
          }
          let late = Task.immediate { _ = try await database.execute("INSERT INTO item (id) VALUES (3)") }
          return (first, culprit, late)
        }
        try await batch.0.value
        _ = try await untilWaiting(admin)
        // It comes last: when it gives up, the others' time is over too.
        let last = await postgresError { _ = try await database.execute("INSERT INTO item (id) VALUES (4)") }
        #expect(last?.code == .timeout)
        return (batch.1, batch.2)
      }
      #expect(await postgresError { try await culprit.value }?.sqlState == .uniqueViolation)
      #expect(await postgresError { try await late.value }?.code == .timeout)
      #expect(
        try await admin.query("SELECT id FROM item ORDER BY id").map { try $0.decode(0, as: Int.self) } == [1, 2])
    }
  }

  @Test("report a constraint that fails at the commit to its culprit alone")
  func deferredConstraint() async throws {
    try await withObservedDatabase { database, admin in
      _ = try await admin.execute("ALTER TABLE item ADD UNIQUE (note) DEFERRABLE INITIALLY DEFERRED")
      _ = try await admin.execute("INSERT INTO item VALUES (100, 'taken')")
      let failed = Record()
      try await withThrowingTaskGroup(of: Void.self) { group in
        try await whileLocked(admin) {
          group.addImmediateTask { _ = try await database.execute(lockedInsert, 0) }
          _ = try await untilWaiting(admin)
          for id in 1...32 {
            group.addImmediateTask {
              let note = id == 7 || id == 20 ? "taken" : "note \(id)"
              let error = await postgresError {
                _ = try await database.execute("INSERT INTO item VALUES ($1, $2)", .int(id), .text(note))
              }
              if let error {
                #expect(error.sqlState == .uniqueViolation)
                failed.append(id)
              }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(failed.values.sorted() == [7, 20])
      let rows = try await admin.query("SELECT count(*) FROM item WHERE id BETWEEN 1 AND 32")
      #expect(try rows[0].decode(0, as: Int.self) == 30)
    }
  }

  @Test("believe an error only of a statement that leads its batch")
  func errorCausedByANeighbour() async throws {
    try await withObservedDatabase { database, admin in
      _ = try await admin.execute("ALTER TABLE item ADD UNIQUE (note) DEFERRABLE INITIALLY DEFERRED")
      _ = try await admin.execute("INSERT INTO item VALUES (100, 'taken')")
      try await withThrowingTaskGroup(of: Void.self) { group in
        try await whileLocked(admin) {
          group.addImmediateTask { _ = try await database.execute(lockedInsert, 0) }
          _ = try await untilWaiting(admin)
          // The first takes key 1 and fails at the commit; the second finds key 1 taken only while they share a batch.
          group.addImmediateTask {
            let error = await postgresError { _ = try await database.execute("INSERT INTO item VALUES (1, 'taken')") }
            #expect(error?.sqlState == .uniqueViolation)
          }
          group.addImmediateTask { _ = try await database.execute("INSERT INTO item VALUES (1, 'free')") }
        }
        try await group.waitForAll()
      }
      #expect(try await admin.query("SELECT id FROM item WHERE id = 1 AND note = 'free'").count == 1)
    }
  }

  @Test("answer the other reads of a batch in which one fails")
  func failedRead() async throws {
    var configuration = Database.Configuration()
    configuration.readConnections = 1
    try await withObservedDatabase(configuration) { database, admin in
      try await withThrowingTaskGroup(of: Void.self) { group in
        try await whileLocked(admin) {
          group.addImmediateTask { _ = try await database.query("SELECT pg_advisory_xact_lock_shared(1)") }
          _ = try await untilWaiting(admin)
          for number in 0..<32 {
            group.addImmediateTask {
              let error = await postgresError {
                let rows = try await database.query("SELECT 60 / $1", .int(number % 8))
                #expect(try rows[0].decode(0, as: Int.self) == 60 / (number % 8))
              }
              #expect((error != nil) == (number % 8 == 0))
            }
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test("prepare statements anew when their plans no longer fit, or are gone")
  func stalePlans() async throws {
    try await withObservedDatabase { database, admin in
      for lane in Lane.allCases {
        let table = "\(lane)_table"
        _ = try await admin.execute("CREATE TABLE \(table) (a bigint)")
        _ = try await admin.execute("INSERT INTO \(table) VALUES (1)")
        let all = "SELECT * FROM \(table)"
        for _ in 0..<4 { #expect(try await database.query(all, on: lane)[0].decode("a", as: Int.self) == 1) }
        _ = try await admin.execute("ALTER TABLE \(table) ADD COLUMN b bigint DEFAULT 2")
        for _ in 0..<4 { #expect(try await database.query(all, on: lane)[0].decode("b", as: Int.self) == 2) }
      }
      // In a transaction the first statement is sent again as well.
      let all = "SELECT * FROM item"
      for _ in 0..<8 { _ = try await database.transaction { try await $0.query(all) } }
      _ = try await admin.execute("ALTER TABLE item ADD COLUMN extra bigint")
      for _ in 0..<8 {
        try await database.transaction {
          _ = try await $0.query(all)
          _ = try await $0.query("SELECT 1")
        }
      }
    }
  }

  @Test("keep their prepared statements within the limit")
  func statementCache() async throws {
    var configuration = Database.Configuration()
    configuration.readConnections = 1
    configuration.exclusiveConnections = 1
    configuration.statementCacheLimit = 4
    try await withDatabase(configuration) { database in
      for round in 0..<3 {
        for number in 0..<20 {
          #expect(try await database.query("SELECT \(number)")[0].decode(0, as: Int.self) == number)
          try await database.transaction { transaction in
            for step in 0..<3 {
              let rows = try await transaction.query("SELECT \(number + step + round)")
              #expect(try rows[0].decode(0, as: Int.self) == number + step + round)
            }
          }
        }
      }
      let kept = try await database.query("SELECT count(*) FROM pg_prepared_statements")
      #expect(try kept[0].decode(0, as: Int.self) <= 4)
      try await database.transaction { transaction in
        for number in 0..<20 { _ = try await transaction.query("SELECT \(number), 1") }
        let kept = try await transaction.query("SELECT count(*) FROM pg_prepared_statements")
        #expect(try kept[0].decode(0, as: Int.self) <= 5)
      }
    }
  }

  @Test(
    "refuse statements that would harm their neighbours",
    arguments: [
      "BEGIN", "commit", " /* a /* b */ */ ROLLBACK", "-- x\nSET timezone = 'UTC'", "COPY item TO STDOUT", "LISTEN a",
      "create database x", "CREATE UNIQUE INDEX CONCURRENTLY i ON item (id)", "VACUUM", "DO $$ BEGIN END $$",
      "PREPARE x AS SELECT 1", "savepoint a",
    ])
  func unsafeStatements(sql: String) async throws {
    try await withDatabase { database in
      for lane in [Lane.read, .write] {
        let error = await postgresError { _ = try await database.query(sql, on: lane) }
        #expect(error?.code == .unsafe)
      }
      let found = try await database.execute("SELECT 1").count
      #expect(found == 1)
    }
  }

  @Test("carry results and parameters larger than any socket buffer, both ways at once")
  func largeValues() async throws {
    try await withObservedDatabase { database, _ in
      let ids = Array(Int64(0)..<100_000)
      let notes = ids.map { "note \($0)" }
      for round in 0..<2 {
        let affected = try await database.execute(
          """
          INSERT INTO item SELECT unnest($1::int8[]), unnest($2::text[])
          ON CONFLICT (id) DO UPDATE SET note = excluded.note || $3
          """, .int8Array(ids), .textArray(notes), .text(" \(round)")
        ).affected
        #expect(affected == 100_000)
      }
      let rows = try await database.query("SELECT id, note FROM item ORDER BY id")
      #expect(rows.count == 100_000)
      #expect(try rows[99_999].decode("note", as: String.self) == "note 99999 1")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          group.addTask {
            let sent = [UInt8](repeating: 7, count: 4 << 20)
            let rows = try await database.query("SELECT $1", .bytea(sent))
            #expect(try rows[0].decode(0, as: [UInt8].self) == sent)
          }
        }
        try await group.waitForAll()
      }
    }
  }
}
