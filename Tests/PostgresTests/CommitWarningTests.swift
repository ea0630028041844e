import Postgres
import TestSupport
import Testing

@Suite("A commit with a warning")
struct CommitWarningTests {
  /// The ways to commit a statement.
  enum Way: CaseIterable {
    case write
    case alone
    case transaction

    func execute(_ sql: String, _ id: Int, _ database: Database) async throws {
      switch self {
      case .write: try await database.execute(sql, .int(id))
      case .alone: try await database.executeAlone(sql, .int(id))
      case .transaction: try await database.transaction { _ = try await $0.execute(sql, .int(id)) }
      }
    }
  }

  /// Two databases, in which the commit of an item with the note "warn" warns, and with the note "fail" fails.
  private func withTrigger(_ body: (_ database: Database, _ admin: Database) async throws -> Void) async throws {
    try await withObservedDatabase { database, admin in
      try await admin.execute(
        """
        CREATE FUNCTION report() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.note = 'fail' THEN RAISE EXCEPTION 'the commit failed'; END IF;
          RAISE WARNING 'it may not last';
          RETURN NULL;
        END $$
        """)
      try await admin.execute(
        """
        CREATE CONSTRAINT TRIGGER report AFTER INSERT ON item DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.note IS NOT NULL) EXECUTE FUNCTION report()
        """)
      try await body(database, admin)
    }
  }

  private func ids(_ admin: Database) async throws -> [Int] {
    try await admin.query("SELECT id FROM item ORDER BY id").map { try $0.decode(0) }
  }

  @Test("leaves the outcome unknown and says why, and the next one works", arguments: Way.allCases)
  func warning(way: Way) async throws {
    try await withTrigger { database, admin in
      let error = await postgresError {
        try await way.execute("INSERT INTO item VALUES ($1, 'warn')", 1, database)
      }
      #expect(error?.code == .connectionLost)
      #expect(error?.sqlState == nil)
      #expect(error?.message.contains("with a warning (it may not last): the outcome is unknown") == true)
      try await way.execute("INSERT INTO item VALUES ($1)", 2, database)
      #expect(try await ids(admin) == [1, 2])
    }
  }

  @Test("leaves it so for every write that shares it, and none is sent again")
  func batch() async throws {
    try await withTrigger { database, admin in
      let unknown = Record()
      try await withThrowingTaskGroup(of: Void.self) { group in
        try await whileLocked(admin) {
          group.addImmediateTask { try await database.execute(lockedInsert, 0) }
          _ = try await untilWaiting(admin)
          for id in 1...8 {
            group.addImmediateTask {
              let error = await postgresError {
                try await database.execute("INSERT INTO item VALUES ($1, $2)", .int(id), id == 3 ? "warn" : nil)
              }
              if error?.code == .connectionLost { unknown.append(id) }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(unknown.values.sorted() == Array(1...8))
      #expect(try await ids(admin) == Array(0...8))
    }
  }

  @Test("that then fails has no effect: its writes are sent again, each alone")
  func failure() async throws {
    try await withTrigger { database, admin in
      let errors = Record()
      try await withThrowingTaskGroup(of: Void.self) { group in
        try await whileLocked(admin) {
          group.addImmediateTask { try await database.execute(lockedInsert, 0) }
          _ = try await untilWaiting(admin)
          for (id, note) in [(1, nil), (2, "warn"), (3, "fail"), (4, nil)] as [(Int, String?)] {
            group.addImmediateTask {
              let error = await postgresError {
                try await database.execute("INSERT INTO item VALUES ($1, $2)", .int(id), .optional(note))
              }
              if error != nil { errors.append(id) }
              #expect((error?.code == .connectionLost) == (note == "warn"))
              #expect((error?.message == "the commit failed") == (note == "fail"))
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(errors.values.sorted() == [2, 3])
      #expect(try await ids(admin) == [0, 1, 2, 4])
    }
  }

  @Test("is not what a statement's own warning is", arguments: Way.allCases)
  func statementWarning(way: Way) async throws {
    try await withTrigger { database, admin in
      try await admin.execute(
        """
        CREATE FUNCTION warned() RETURNS bigint LANGUAGE plpgsql AS $$
        BEGIN RAISE WARNING 'the statement warns'; RETURN 1; END $$
        """)
      try await way.execute("INSERT INTO item (id) SELECT $1 FROM warned()", 1, database)
      #expect(try await ids(admin) == [1])
    }
  }

  @Test("because the wait for a standby was cancelled is one; without that wait it succeeds")
  func standby() async throws {
    let cluster = try await TestCluster(settings: ["synchronous_commit": "local", "synchronous_standby_names": "none"])
    let url = try await cluster.makeDatabase()
    try await withDatabase(url: url) { admin in
      // Without a key: a write that were sent again would show.
      try await admin.execute("CREATE TABLE item (id bigint)")
      try await withDatabase(url: url + "&options=-csynchronous_commit%3Don") { database in
        for (id, way) in Way.allCases.enumerated() {
          let task = Task.immediate { try await way.execute("INSERT INTO item VALUES ($1)", id, database) }
          let cancelled = try await eventually("a commit waits for a standby") {
            let rows = try await admin.query(
              """
              SELECT pg_cancel_backend(pid) FROM pg_stat_activity
              WHERE wait_event = 'SyncRep' AND datname = current_database()
              """)
            return rows.isEmpty ? nil : rows.count
          }
          #expect(cancelled == 1)
          let error = await postgresError { try await task.value }
          #expect(error?.code == .connectionLost)
          #expect(error?.message.contains("canceling wait for synchronous replication due to user request") == true)
        }
        try await database.executeAlone("INSERT INTO item VALUES (3)", synchronousCommit: .off)
        try await database.transaction(synchronousCommit: .off) {
          _ = try await $0.execute("INSERT INTO item VALUES (4)")
        }
      }
      #expect(try await ids(admin) == Array(0...4))
    }
    try await cluster.stop()
  }
}
