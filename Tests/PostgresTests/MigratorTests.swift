import Postgres
import TestSupport
import Testing

@Suite("A migrator")
struct MigratorTests {
  private let first = Migration(
    version: 1, name: "items", sql: "CREATE TABLE item (id bigint PRIMARY KEY);\nCREATE INDEX item_index ON item (id);")
  private let second = Migration(version: 2, name: "note", sql: "ALTER TABLE item ADD COLUMN note text")

  @Test("creates the schema, applies what is new in order, and then nothing")
  func apply() async throws {
    try await withDatabase { database in
      #expect(try await Migrator(schema: "shop", migrations: [first]).apply(to: database) == [first])
      #expect(try await Migrator(schema: "shop", migrations: [second, first]).apply(to: database) == [second])
      #expect(try await Migrator(schema: "shop", migrations: [first, second]).apply(to: database) == [])
      #expect(try await database.query("SELECT id, note FROM shop.item").isEmpty)
      let rows = try await database.query("SELECT version, name FROM shop.schema_migration ORDER BY version")
      #expect(try rows.map { try $0.decode("name", as: String.self) } == ["items", "note"])
      // Another schema has a history of its own.
      #expect(try await Migrator(schema: "it's \"odd\"", migrations: [first]).apply(to: database) == [first])
    }
  }

  @Test("applies each migration once, however many migrators run at the same time")
  func concurrency() async throws {
    let url = try await TestCluster.shared().makeDatabase()
    let applied = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          try await withDatabase(url: url) { database in
            try await Migrator(schema: "shop", migrations: [first, second]).apply(to: database).count
          }
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(applied == 2)
  }

  @Test("leaves nothing of a run in which a migration fails, and names that migration")
  func failure() async throws {
    try await withDatabase { database in
      let broken = Migration(version: 2, name: "broken", sql: "CREATE TABLE other (id bigint); SELECT 1 / 0")
      let error = await postgresError {
        _ = try await Migrator(schema: "shop", migrations: [first, broken]).apply(to: database)
      }
      #expect(error?.sqlState?.rawValue == "22012")
      #expect(error?.message.contains("migration 2 \"broken\" of schema shop") == true)
      let rows = try await database.query("SELECT to_regnamespace('shop') IS NULL")
      #expect(try rows[0].decode(0, as: Bool.self))
      #expect(try await Migrator(schema: "shop", migrations: [first, second]).apply(to: database).count == 2)
    }
  }

  @Test("refuses a changed text, an older program, a late migration and a version twice")
  func refusals() async throws {
    try await withDatabase { database in
      _ = try await Migrator(schema: "shop", migrations: [first, second]).apply(to: database)
      let changed = Migration(version: 1, name: "items", sql: first.sql + " ")
      let third = Migration(version: 3, name: "third", sql: "SELECT 1")
      for migrations in [[changed, second], [first], [changed, second, third], [first, first], []] {
        let error = await postgresError {
          _ = try await Migrator(schema: "shop", migrations: migrations).apply(to: database)
        }
        #expect(error?.code == .migration)
      }
      _ = try await Migrator(schema: "gap", migrations: [second.renumbered(5, "SELECT 1")]).apply(to: database)
      let late = await postgresError {
        _ = try await Migrator(schema: "gap", migrations: [first, second.renumbered(5, "SELECT 1")]).apply(to: database)
      }
      #expect(late?.code == .migration)
      #expect(try await database.query("SELECT version FROM shop.schema_migration").count == 2)
    }
  }

  @Test("waits for another one longer than a silent server is waited for otherwise")
  func slowPredecessor() async throws {
    let url = try await TestCluster.shared().makeDatabase()
    var impatient = Database.Configuration()
    impatient.statementTimeout = .milliseconds(100)
    impatient.silenceTimeout = .milliseconds(100)
    try await withDatabase(url: url) { database in
      try await withDatabase(url: url, impatient) { waiting in
        let locked = Migration(version: 1, name: "locked", sql: "SELECT pg_advisory_xact_lock(1)")
        let (applied, found) = try await whileLocked(database) {
          let first = Task { try await Migrator(schema: "shop", migrations: [locked]).apply(to: database) }
          let predecessor = try await untilWaiting(database)[0]
          let second = Task { try await Migrator(schema: "shop", migrations: [locked]).apply(to: waiting) }
          _ = try await untilWaiting(database, besides: predecessor)
          // Each takes its timeout, and together longer than what the server's silence may.
          for _ in 0..<5 {
            #expect(await postgresError { _ = try await waiting.query("SELECT pg_sleep(60)") }?.code == .timeout)
          }
          return (first, second)
        }
        #expect(try await applied.value == [locked])
        #expect(try await found.value == [])
      }
    }
  }

  @Test("may take longer than the statement timeout")
  func slowMigration() async throws {
    var configuration = Database.Configuration()
    configuration.statementTimeout = .milliseconds(100)
    try await withDatabase(configuration) { database in
      let slow = Migration(version: 1, name: "slow", sql: "SELECT pg_sleep(0.3)")
      let found = try await Migrator(schema: "shop", migrations: [slow]).apply(to: database)
      #expect(found == [slow])
    }
  }
}

extension Migration {
  fileprivate func renumbered(_ version: Int, _ sql: String) -> Migration {
    Migration(version: version, name: name, sql: sql)
  }
}
