import Logging
import Postgres
import PredictServer
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing
import TokenDomain

@Suite("Charges")
struct ChargeTests {
  @Test(
    "A charge that was committed as its connection was lost is found again and answered, once", arguments: ["", "k"])
  func lostAnswer(key: String) async throws {
    let cluster = try await TestCluster(settings: ["synchronous_commit": "local"])
    try await cluster.waitForNoStandby()
    let stack = try await PredictStack(cluster: cluster, chargeOptions: "-c synchronous_commit=on")
    let account = stack.account()
    try await account.furnish()
    let prediction = Task.immediate { try await account.predict(key: key) }
    let backend = try await stack.backend(waitingFor: "SyncRep")
    _ = try await stack.administrator.query("SELECT pg_terminate_backend($1, 10000)", .int4(backend))
    if !key.isEmpty { _ = try await stack.backend(waitingFor: "SyncRep") }
    try await stack.administrator.executeAlone("ALTER SYSTEM SET synchronous_standby_names = ''")
    _ = try await stack.administrator.query("SELECT pg_reload_conf()")
    let messages = try await prediction.value
    #expect(messages.count == 4)
    #expect(try await account.charges().map(\.requestID) == [messages[0].header.requestID])
    await stack.close()
  }

  @Test("A charge that could not be committed in time never is", arguments: ["", "k"])
  func lateCharge(key: String) async throws {
    var configuration = PredictConfiguration()
    configuration.chargeWriteTimeout = .seconds(5)
    let stack = try await PredictStack(cluster: .shared(), configuration: configuration)
    let account = stack.account()
    try await account.furnish()
    try await stack.administrator.transaction { transaction in
      try await transaction.execute("LOCK TABLE predict.billing_record IN SHARE MODE")
      await expectRefusal(.unavailable) { try await account.predict(key: key, chargeTimeout: .seconds(20)) }
      // Whatever was sent has ended before the lock does.
      _ = try await transaction.query("SELECT 1")
    }
    #expect(try await account.billedCount() == 0)
    await expectRefusal(.unavailable) { try await account.predict(key: key, chargeTimeout: .milliseconds(4_999)) }
    #expect(try await account.billedCount() == 0)
    #expect(try await account.predict(key: key, chargeTimeout: .seconds(20)).count == 4)
    #expect(try await account.billedCount() == 1)
    await stack.close()
  }

  @Test("An answer is stored with its charge, which may take longer than a charge by itself")
  func slowAnswer() async throws {
    var configuration = PredictConfiguration()
    // A charge by itself may take 2.5 s of it.
    configuration.chargeWriteTimeout = .seconds(40)
    let stack = try await PredictStack(cluster: .shared(), configuration: configuration)
    let account = stack.account()
    try await account.furnish()
    try await stack.administrator.executeAlone(
      """
      CREATE FUNCTION predict.take_time() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_sleep(3); RETURN NEW; END $$
      """)
    try await stack.administrator.executeAlone(
      """
      CREATE TRIGGER slow BEFORE INSERT ON predict.prediction_answer FOR EACH ROW EXECUTE FUNCTION predict.take_time()
      """)
    let messages = try await account.predict(count: 1, key: "k", chargeTimeout: .seconds(60))
    #expect(messages.count == 2)
    #expect(try await account.billedCount() == 1)
    await stack.close()
  }

  @Test("Of many charges that share a batch, each is committed in time or never")
  func lateBatch() async throws {
    var configuration = PredictConfiguration()
    configuration.chargeWriteTimeout = .seconds(5)
    let stack = try await PredictStack(cluster: .shared(), configuration: configuration)
    let account = stack.account()
    try await account.furnish()
    let succeeded = try await stack.administrator.transaction { transaction in
      try await transaction.execute("LOCK TABLE predict.billing_record IN SHARE MODE")
      return await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<24 {
          group.addTask { (try? await account.predict(count: 1, chargeTimeout: .seconds(20))) != nil }
        }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
    }
    #expect(succeeded == 0)
    #expect(try await account.billedCount() == 0)
    await stack.close()
  }

  @Test("A charge timeout that is none is refused")
  func badTimeout() async throws {
    let account = try await PredictStack.make().account()
    try await account.furnish()
    for timeout in [Duration.zero, .seconds(-1)] {
      await expectRefusal(.invalidPredictionParameters) { try await account.predict(chargeTimeout: timeout) }
    }
  }

  @Test("A charge is read by its prediction's id")
  func get() async throws {
    let account = try await PredictStack.make().account()
    try await account.furnish()
    let header = try await account.predict(count: 2)[0].header
    _ = try await account.predict(count: 3)
    let charge = try await account.charge(header.requestID)
    #expect(try await account.charges().last == charge)
    #expect(charge.modelTokens == header.modelTokens && charge.nanoDollars == header.nanoDollars)
    for id in ["", "nul\0", String(repeating: "0", count: 32), header.requestID.uppercased() + "0"] {
      await expectRefusal(.chargeNotFound) { try await account.charge(id) }
    }
  }

  @Test("Charges are listed newest first, page by page")
  func list() async throws {
    let account = try await PredictStack.make().account()
    try await account.furnish()
    var ids: [String] = []
    for count in Int32(1)...5 { ids.append(try await account.predict(count: count)[0].header.requestID) }
    let charges = try await account.charges(size: 2)
    #expect(charges.map(\.requestID) == ids.reversed())
    #expect(charges.map(\.modelTokens) == [5, 4, 3, 2, 1].map { $0 * 64 })
    #expect(charges.allSatisfy { $0.nanoDollars == $0.modelTokens * 20 && $0.priceNanoDollars == 20 })
    #expect(charges.allSatisfy { $0.dataProfile == "hourly" && $0.credentialID == account.principal.credentialID })
    await expectRefusal(.invalidArgument) { try await account.charges(size: -1) }
  }
}

extension TestCluster {
  /// Makes each commit that is not local wait, when it is done, for a standby that there is not.
  fileprivate func waitForNoStandby() async throws {
    let database = try Database(url: try await makeDatabase(), logger: Logger(label: "test"))
    try await database.executeAlone("ALTER SYSTEM SET synchronous_standby_names = 'none'")
    await database.close()
    try await stop()
    try await start()
  }
}

extension PredictStack {
  /// The process of a charge's connection that waits for something, as pg_stat_activity calls it.
  fileprivate func backend(waitingFor event: String) async throws -> Int32 {
    try await eventually("a connection waits for \(event)") {
      try await administrator.query(
        "SELECT pid FROM pg_stat_activity WHERE wait_event = $1 AND datname = current_database()", .text(event)
      ).first?.decode("pid")
    }
  }

  fileprivate func close() async {
    await database.close()
    await charges.close()
    await administrator.close()
  }
}
