import Postgres
import TestSupport
import Testing

@Suite("Through a connection pooler")
struct PoolerTests {
  private static let settings = """
    SELECT current_setting('statement_timeout') AS timeout, current_setting('transaction_read_only') AS read_only,
      current_setting('jit') AS jit,
      (SELECT count(*) FROM pg_prepared_statements) AS prepared
    """

  /// A database of its own behind a pooler, with one connection for each lane.
  private func withPooledDatabase(
    timeout: Duration = .seconds(7), inStatementMode: Bool = false, _ body: (Database) async throws -> Void
  ) async throws {
    let cluster = try await TestCluster.shared()
    let pooler = try PoolerRelay(to: cluster, inStatementMode: inStatementMode)
    defer { withExtendedLifetime(pooler) {} }
    var configuration = Database.Configuration()
    configuration.readConnections = 1
    configuration.exclusiveConnections = 1
    configuration.statementTimeout = timeout
    try await withDatabase(url: pooler.url(try await cluster.makeDatabase()), configuration, body)
  }

  @Test("statements and transactions work, each with its settings")
  func settings() async throws {
    try await withPooledDatabase { database in
      for lane in Lane.allCases + Lane.allCases {
        let row = try #require(try await database.query(Self.settings, on: lane).first)
        #expect(try row.decode("timeout", as: String.self) == "7s")
        #expect(try row.decode("jit", as: String.self) == "off")
        #expect(try row.decode("read_only", as: String.self) == ([.read, .callback].contains(lane) ? "on" : "off"))
      }
      try await database.execute("CREATE TABLE item (id bigint PRIMARY KEY)")
      for id in 1...3 {
        try await database.transaction { transaction in
          try await transaction.execute("INSERT INTO item VALUES ($1)", .int(id))
          let row = try #require(try await transaction.query(Self.settings).first)
          #expect(try row.decode("timeout", as: String.self) == "7s")
        }
      }
      let rows = try await database.query("SELECT id FROM item WHERE id > $1", 1)
      #expect(rows.count == 2)
      let error = await postgresError { _ = try await database.query("INSERT INTO item VALUES (4)") }
      #expect(error?.sqlState == .readOnlyTransaction)
    }
  }

  @Test("nothing is kept in the server's session, which serves other clients next")
  func session() async throws {
    try await withPooledDatabase { database in
      for lane in Lane.allCases + Lane.allCases {
        let rows = try await database.query(Self.settings, on: lane)
        #expect(try rows[0].decode("prepared", as: Int.self) == 0)
      }
      // A statement that refuses a transaction block runs without ours, and so under the settings of the session.
      let off = try await database.executeAlone(
        "SELECT current_setting('synchronous_commit')", synchronousCommit: .off)
      #expect(try off[0].decode(0, as: String.self) == "off")
      try await database.executeAlone(
        "DO $$ BEGIN ASSERT current_setting('statement_timeout') = '0' AND current_setting('synchronous_commit') = 'on', 'kept'; END $$"
      )
    }
  }

  @Test("a statement that runs too long is cancelled", arguments: Lane.allCases)
  func timeout(lane: Lane) async throws {
    try await withPooledDatabase(timeout: .milliseconds(200)) { database in
      let error = await postgresError { _ = try await database.query("SELECT pg_sleep(60)", on: lane) }
      #expect(error?.code == .timeout)
      let script = await postgresError {
        try await database.transaction { try await $0.script("SELECT 1; SELECT pg_sleep(60)") }
      }
      #expect(script?.code == .timeout)
    }
  }

  @Test("migrations and statements that refuse a transaction block work")
  func migrations() async throws {
    try await withPooledDatabase { database in
      let migration = Migration(version: 1, name: "items", sql: "CREATE TABLE item (id bigint); SELECT pg_sleep(0)")
      #expect(try await Migrator(schema: "shop", migrations: [migration]).apply(to: database) == [migration])
      #expect(try await Migrator(schema: "shop", migrations: [migration]).apply(to: database) == [])
      try await database.executeAlone("VACUUM shop.item")
    }
  }

  @Test("a pooler without transactions is named, and the way out")
  func statementMode() async throws {
    try await withPooledDatabase(inStatementMode: true) { database in
      let error = await postgresError { try await database.transaction { _ = try await $0.query("SELECT 1") } }
      let message = error?.message ?? ""
      #expect(message.contains("the connection pooler is in statement mode"))
      #expect(message.contains("use its transaction or session mode, or connect directly"))
      #expect(!message.contains("\n"))
      let found = try await database.query("SELECT 1").count
      #expect(found == 1)
    }
  }

  @Test("options in the URL, which a pooler refuses, are named, and the way out")
  func options() async throws {
    let cluster = try await TestCluster.shared()
    let pooler = try PoolerRelay(to: cluster)
    defer { withExtendedLifetime(pooler) {} }
    var configuration = Database.Configuration()
    configuration.queueTimeout = .seconds(2)
    try await withDatabase(url: pooler.url(cluster.url()) + "&options=-cjit%3Doff", configuration) { database in
      let error = await postgresError { _ = try await database.query("SELECT 1") }
      #expect(error?.code == .connectionFailed)
      #expect(error?.message.contains("remove 'options' from the URL, or connect directly") == true)
    }
  }
}
