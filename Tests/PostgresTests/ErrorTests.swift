import Logging
import Postgres
import TestSupport
import Testing

@Suite("Errors")
struct ErrorTests {
  @Test("carry the server's SQLSTATE and constraint, and no values")
  func constraints() async throws {
    try await withDatabase { database in
      _ = try await database.execute(
        """
        CREATE TABLE item (id text CONSTRAINT item_key PRIMARY KEY, parent text CONSTRAINT item_parent REFERENCES item (id),
          size bigint NOT NULL CONSTRAINT item_size CHECK (size > 0))
        """)
      let insert = "INSERT INTO item VALUES ($1, $2, $3)"
      _ = try await database.execute(insert, "s3cret", nil, 1)
      let cases: [([PostgresValue], SQLState, String?)] = [
        (["s3cret", nil, 1], .uniqueViolation, "item_key"),
        (["b", "n0where", 1], .foreignKeyViolation, "item_parent"),
        (["b", nil, -77_777], .checkViolation, "item_size"),
        (["b", nil, .optional(nil as Int?)], .notNullViolation, nil),
      ]
      for (parameters, state, constraint) in cases {
        let error = await postgresError { _ = try await database.execute(insert, parameters: parameters) }
        #expect(error?.code == .server)
        #expect(error?.sqlState == state)
        #expect(error?.constraint == constraint)
        for value in ["s3cret", "n0where", "77777"] {
          #expect(error.map { "\($0)" }?.contains(value) == false)
        }
      }
    }
  }

  @Test("of bad SQL say what is wrong, of bad data don't quote it")
  func statements() async throws {
    try await withDatabase { database in
      let syntax = await postgresError { _ = try await database.query("SELEKT 1") }
      #expect(syntax?.sqlState == .syntaxError)
      let table = await postgresError { _ = try await database.query("SELECT id FROM nowhere") }
      #expect(table?.sqlState == .undefinedTable)
      #expect(table?.message.contains("nowhere") == true)
      let text = await postgresError { _ = try await database.query("SELECT $1::text::int", "s3cret") }
      #expect(text?.sqlState == .invalidTextRepresentation)
      #expect(text.map { "\($0)" }?.contains("s3cret") == false)
      let count = await postgresError { _ = try await database.query("SELECT $1, $2", 1) }
      #expect(count?.code == .server)
      // The lane goes on.
      let found = try await database.query("SELECT 1").count
      #expect(found == 1)
    }
  }

  @Test(
    "of a bad URL never quote it",
    arguments: ["s3cret", "postgres://u:s3cret@h:x/d?nope=1", "password=s3cret host", "a=b\0"])
  func badURL(url: String) async throws {
    let error = await postgresError { _ = try Database(url: url, logger: Logger(label: "test")) }
    #expect(error?.code == .configuration)
    #expect(error.map { "\($0)" }?.contains("s3cret") == false)
  }

  @Test(
    "of connecting say why, without parts of the URL",
    arguments: [
      ("host=/nowhere/s3cret user=u", "no server listens on the Unix socket"),
      ("host=127.0.0.1 port=1 user=s3cret", "no server listens there"),
      ("postgres://user:s3cret@127.0.0.1:99999/x", "port"),
    ])
  func connecting(url: String, reason: String) async throws {
    var configuration = Database.Configuration()
    configuration.queueTimeout = .seconds(2)
    try await withDatabase(url: url, configuration) { database in
      for lane in Lane.allCases {
        let error = await postgresError { _ = try await database.query("SELECT 1", on: lane) }
        #expect(error?.code == .connectionFailed)
        #expect(error?.message.contains(reason) == true)
        #expect(error?.message.contains("s3cret") == false)
      }
    }
  }

  @Test("of an unknown role or database say so")
  func unknownRole() async throws {
    var configuration = Database.Configuration()
    configuration.queueTimeout = .seconds(2)
    let url = try await TestCluster.shared().url(database: "nowhere")
    try await withDatabase(url: url, configuration) { database in
      let error = await postgresError { _ = try await database.query("SELECT 1") }
      #expect(error?.message.contains("the role or the database does not exist") == true)
    }
  }

  @Test("of a configuration name the bound")
  func configuration() async throws {
    var configuration = Database.Configuration()
    configuration.readConnections = 0
    let error = await postgresError { try await withDatabase(url: "host=x", configuration) { _ in } }
    #expect(error?.code == .configuration)
    #expect(error?.message.contains("readConnections") == true)
  }
}
