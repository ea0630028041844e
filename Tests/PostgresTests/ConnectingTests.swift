import Foundation
import Logging
import Postgres
import TestSupport
import Testing

@Suite("Connecting")
struct ConnectingTests {
  @Test("goes on to the next host when one says nothing", arguments: Lane.allCases)
  func silentHost(lane: Lane) async throws {
    let silent = try SilentServer()
    defer { withExtendedLifetime(silent) {} }
    let url = try await TestCluster.shared().makeDatabase().replacing("host=", with: "host=127.0.0.1,")
    var configuration = Database.Configuration()
    configuration.connectTimeout = .milliseconds(500)
    try await withDatabase(url: "\(url)&port=\(silent.port),5432", configuration) { database in
      let found = try await database.query("SELECT 1", on: lane).count
      #expect(found == 1)
    }
  }

  @Test("waits for a standby to be promoted, whose data may be old")
  func standby() async throws {
    let cluster = try await TestCluster()
    try await cluster.stop()
    _ = FileManager.default.createFile(atPath: "\(cluster.socketDirectory)/data/standby.signal", contents: nil)
    try await cluster.start()
    var configuration = Database.Configuration()
    configuration.queueTimeout = .seconds(1)
    try await withDatabase(url: cluster.url(), configuration) { database in
      for lane in Lane.allCases {
        let error = await postgresError { _ = try await database.query("SELECT 1", on: lane) }
        #expect(error?.code == .connectionFailed)
        #expect(error?.message.contains("the server is a standby") == true)
      }
      try await cluster.sql("SELECT pg_promote()")
      _ = try await eventually("a read is answered") { try? await database.query("SELECT 1") }
      _ = try await eventually("a write is answered") {
        try? await database.execute("CREATE TABLE item (id bigint)")
      }
    }
    try await cluster.stop()
  }

  @Test(
    "asks several hosts for one that takes writes, unless the URL says otherwise",
    arguments: [
      ("host=a", "primary"), ("postgres:///x", "primary"), ("host=a,b", "read-write"),
      ("postgres://a:1,b:2/x", "read-write"), ("hostaddr=127.0.0.1,127.0.0.2", "read-write"),
      ("postgres://a,b/x?target_session_attrs=any", "any"), ("host=a target_session_attrs=standby", "standby"),
    ])
  func targetSession(url: String, expected: String) throws {
    let parameters = try ConnectionParameters(url: url, configuration: Database.Configuration())
    #expect(parameters.targetSessionAttributes == expected)
  }

  @Test("passes over a host that takes no writes")
  func retiredHost() async throws {
    let retired = try await TestCluster(settings: ["default_transaction_read_only": "on"])
    let current = try await TestCluster.shared()
    let url = retired.url().replacing(
      retired.socketDirectory, with: "\(retired.socketDirectory),\(current.socketDirectory)")
    try await withDatabase(url: url) { database in
      for lane in Lane.allCases {
        let found = try await database.query("SELECT current_setting('unix_socket_directories')", on: lane)
        #expect(try found[0].decode(0, as: String.self) == current.socketDirectory)
      }
    }
    try await retired.stop()
  }

  @Test("takes a URL that asks for sessions that write, for reads too")
  func readWrite() async throws {
    let url = try await TestCluster.shared().makeDatabase() + "&target_session_attrs=read-write"
    try await withDatabase(url: url) { database in
      _ = try await database.execute("CREATE TABLE item (id bigint)")
      #expect(try await database.query("SELECT id FROM item").isEmpty)
      let error = await postgresError { _ = try await database.query("INSERT INTO item VALUES (1)") }
      #expect(error?.sqlState == .readOnlyTransaction)
    }
  }

  @Test("keeps nothing busy while a transaction and notifications wait for a server that is not there")
  func outage() async throws {
    var configuration = Database.Configuration()
    configuration.queueTimeout = .seconds(2)
    let poller = ThreadClock()
    let database = try Database(
      url: "host=/nowhere", configuration: configuration,
      logger: Logger(label: "test") { _ in ThreadClockHandler(clock: poller) })
    let signals = try database.notifications(on: "item")
    let error = await postgresError { try await database.transaction { _ = try await $0.query("SELECT 1") } }
    #expect(error?.code == .connectionFailed)
    #expect(try #require(poller.time) < .milliseconds(500))
    await database.close()
    for await _ in signals { Issue.record("a signal without a server") }
  }
}
