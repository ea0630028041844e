import Logging
import Postgres
import ServiceKit
import TestSupport
import Testing
import TokenServer

@Suite struct DatabaseProbeTests {
  @Test("Health follows the database without waiting as long as its callers may", .timeLimit(.minutes(1)))
  func outage() async throws {
    let cluster = try await TestCluster()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    var configuration = Database.Configuration()
    configuration.queueTimeout = .seconds(600)
    let database = try Database(url: cluster.url(), configuration: configuration, logger: logger)
    let store = TokenStore(database: database, peppers: try .test("1"))
    let health = HealthMonitor(isServing: false)
    let probe = DatabaseProbe(store: store, health: health)
    while !health.isServing {
      await probe.look()
      try Task.checkCancellation()
    }
    try await cluster.stop()
    await probe.look()
    #expect(!health.isServing)
    try await cluster.start()
    while !health.isServing {
      await probe.look()
      try Task.checkCancellation()
    }
    await database.close()
    try await cluster.stop()
  }
}
