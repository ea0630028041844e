import Logging
import Postgres
import ServiceKit
import TestSupport
import Testing

@Suite struct DatabaseHealthTests {
  @Test("Health follows the database without waiting as long as its callers may", .timeLimit(.minutes(1)))
  func outage() async throws {
    let cluster = try await TestCluster()
    var configuration = Database.Configuration()
    configuration.queueTimeout = .seconds(600)
    let database = try Database(url: cluster.url(), configuration: configuration, logger: .silent)
    let health = HealthMonitor(isServing: false)
    let check = HealthCheck(of: health) { try await database.probe() }
    while !health.isServing {
      await check.runOnce()
      try Task.checkCancellation()
    }
    try await cluster.stop()
    await check.runOnce()
    #expect(!health.isServing)
    try await cluster.start()
    while !health.isServing {
      await check.runOnce()
      try Task.checkCancellation()
    }
    await database.close()
    try await cluster.stop()
  }
}
