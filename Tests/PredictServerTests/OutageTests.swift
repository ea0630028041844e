import Logging
import Postgres
import PredictServer
import ServiceKit
import TestSupport
import Testing

@Suite("Outages")
struct OutageTests {
  @Test("Without a database every call is unavailable, after its parameters were checked")
  func noDatabase() async throws {
    var pools = Database.Configuration()
    pools.queueTimeout = .milliseconds(100)
    let logger = Logger.silent
    let database = try Database(
      url: "postgres://nobody@/none?host=/nonexistent", configuration: pools, logger: logger)
    let account = Account(
      stack: PredictStack(database: database, charges: database, administrator: database),
      id: "acct_1")
    await expectRefusal(.unavailable) { try await account.predict() }
    await expectRefusal(.unavailable) { try await account.predict(key: "k") }
    await expectRefusal(.unavailable) { try await account.ingest([]) }
    await expectRefusal(.unavailable) { try await account.createSource() }
    await expectRefusal(.unavailable) { try await account.createProfile() }
    await expectRefusal(.unavailable) { try await account.usage() }
    await expectRefusal(.unavailable) { try await account.setCard() }
    await expectRefusal(.invalidPredictionParameters) { try await account.predict(count: 0) }
    await expectRefusal(.invalidArgument) { try await account.ingest([.of("a", -1, 1)]) }
    await database.close()
  }
}
