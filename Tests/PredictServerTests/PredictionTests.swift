import Forecasting
import GRPCCore
import Postgres
import PredictServer
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing
import TokenDomain

@Suite("Predictions")
struct PredictionTests {
  @Test("An answer is a header and as many trajectories as asked, and is billed once, by the exact product")
  func success() async throws {
    let account = try await PredictStack.make { $0.price = 123_457 }.account()
    try await account.furnish()
    let answer = try await account.predict(count: 5)
    let header = try #require(answer.first).header
    let last: Int64 = 1_760_000_400 + 199 * 3_600
    #expect(header.requestID.count == 32 && header.requestID.allSatisfy(\.isHexDigit))
    #expect(header.dataProfile == "hourly" && header.names == ["orders"] && header.predictFrom == last)
    #expect(header.timestamps == (1...64).map { last + $0 * 3_600 })
    #expect(header.modelTokens == 5 * 64 && header.priceNanoDollars == 123_457)
    #expect(header.nanoDollars == 5 * 64 * 123_457)
    #expect(answer.count == 6)
    #expect(
      answer.dropFirst().allSatisfy { $0.trajectory.values.count == 64 && $0.trajectory.values.allSatisfy(\.isFinite) })

    let bills = try await account.stack.administrator.query(
      """
      SELECT request_id, credential_id, profile_id, profile_name, model_tokens, price_nano_dollars, cost_nano_dollars
      FROM predict.billing_record WHERE account_id = $1
      """,
      .text(account.id))
    let bill = try #require(bills.first)
    #expect(bills.count == 1)
    #expect(try bill.decode("request_id") == header.requestID)
    #expect(try bill.decode("credential_id") == account.principal.credentialID)
    let profile = try await account.profile()
    #expect(try bill.decode("profile_id") == profile.id)
    #expect(try bill.decode("profile_name") == "hourly")
    #expect(try bill.decode("model_tokens", as: Int64.self) == 5 * 64)
    #expect(try bill.decode("price_nano_dollars", as: Int64.self) == 123_457)
    #expect(try bill.decode("cost_nano_dollars", as: Int64.self) == 5 * 64 * 123_457)
  }

  @Test("Several series are answered step by step in the profile's order, and each is metered")
  func severalSeries() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    try await account.ingest(.hourly("b", count: 100) + .hourly("a", count: 100).map { .of("a", $0.timestamp, -9) })
    try await account.createProfile { $0.names = ["b", "a"] }
    try await account.setCard()
    let answer = try await account.predict(count: 2)
    #expect(answer[0].header.names == ["b", "a"])
    let values = answer[1].trajectory.values
    #expect(values.count == 128)
    #expect(stride(from: 1, to: 128, by: 2).allSatisfy { values[$0] == -9 })
    #expect(try await account.usage().modelTokens == 2 * 64 * 2)
  }

  @Test("Refusals come in the public API's order and bill nothing")
  func refusalsInOrder() async throws {
    let account = try await PredictStack.make().account()
    await expectRefusal(.invalidPredictionParameters) { try await account.predict(count: 0) }
    await expectRefusal(.cardMissing) { try await account.predict() }
    try await account.setCard("pm_card_chargeCustomerFail")
    await expectRefusal(.invalidPredictionParameters) { try await account.predict(topP: 2) }
    await expectRefusal(.paymentFailed) { try await account.predict() }
    try await account.setCard()
    await expectRefusal(.dataProfileNotFound) { try await account.predict() }
    await expectRefusal(.dataProfileNotFound) { try await account.predict("temporis/hourly") }
    await expectRefusal(.dataProfileNotFound) { try await account.predict("no\0name") }
    try await account.createSource()
    try await account.createProfile { $0.minPatches = 2 }
    await expectRefusal(.dataProfileNotReady) { try await account.predict() }
    try await account.ingest(.hourly("orders", count: 40))
    #expect(try await account.profile().ready)
    try await account.deleteRecords { $0.endTimestamp = .init(1_760_000_400 + 10 * 3_600) }
    await expectRefusal(.notEnoughData) { try await account.predict() }
    try await account.removeCard()
    await expectRefusal(.cardMissing) { try await account.predict() }
    #expect(try await account.billedCount() == 0)
  }

  @Test("Parameters out of their ranges are all answered alike")
  func badParameters() async throws {
    let account = try await PredictStack.make().account()
    try await account.furnish()
    let message = "Invalid prediction parameters."
    for count: Int32 in [-1, 0, 1_001] {
      await expectRefusal(.invalidPredictionParameters, saying: message) { try await account.predict(count: count) }
    }
    for temperature in [0, -1, Double.nan, .infinity] {
      await expectRefusal(.invalidPredictionParameters, saying: message) {
        try await account.predict(temperature: temperature)
      }
    }
    for topP in [-0.001, 1.001, Double.nan] {
      await expectRefusal(.invalidPredictionParameters, saying: message) { try await account.predict(topP: topP) }
    }
    for key in ["a b", "é", "a\n", String(repeating: "k", count: 256)] {
      await expectRefusal(.invalidPredictionParameters, saying: message) { try await account.predict(key: key) }
    }
    #expect(try await account.predict(count: 1, temperature: 0.001, topP: 0).count == 2)
    #expect(try await account.predict(count: 1_000, topP: 1).count == 1_001)
    #expect(try await account.billedCount() == 2)
  }

  @Test("An answer too large for memory is refused before it is drawn")
  func tooLarge() async throws {
    let engine = ProbeEngine(.draw)
    let account = try await PredictStack.make(engine: engine).account()
    try await account.furnish()
    try await account.createProfile("large") {
      $0.patchLen = 256
      $0.numPatches = 64
      $0.minPatches = 1
      $0.names = ["orders"] + (1...15).map { "s\($0)" }
    }
    for name in (1...15).map({ "s\($0)" }) { try await account.ingest(.hourly(name, count: 520)) }
    try await account.ingest(.hourly("orders", count: 520))
    await expectRefusal(.invalidPredictionParameters) { try await account.predict("large", count: 1_000) }
    #expect(engine.calls == 0)
    #expect(try await account.billedCount() == 0)
  }

  @Test("Only rows of the window are read, and rows of other series and sources are not")
  func window() async throws {
    let engine = ProbeEngine(.draw)
    let account = try await PredictStack.make(engine: engine) { $0.maximumFutureDays = 100_000 }.account()
    try await account.furnish(hours: 600)
    try await account.createSource("other")
    try await account.ingest([.of("orders", 2_000_000_000, 1)], into: "other")
    try await account.ingest([.of("visits", 2_000_000_000, 1)])
    let newest: Int64 = 1_760_000_400 + 599 * 3_600
    #expect(try await account.predict()[0].header.predictFrom == newest)
    let rows = try #require(engine.rows)
    let read = try #require(rows.series.first)
    #expect(rows.series.count == 1 && rows.anchor == newest && read.means.allSatisfy { $0 >= 100 })
    // 32 patches of 16 points, and what the fill limit may reach.
    #expect((512...520).contains(read.points.count))
  }

  @Test("What can't be charged in time is not drawn", arguments: ["", "k"])
  func noTimeLeft(key: String) async throws {
    let engine = ProbeEngine(.draw)
    let account = try await PredictStack.make(engine: engine) { $0.chargeWriteTimeout = .seconds(10) }.account()
    try await account.furnish()
    await expectRefusal(.unavailable) { try await account.predict(key: key, chargeTimeout: .milliseconds(9_999)) }
    #expect(engine.calls == 0)
    #expect(try await account.billedCount() == 0)
    _ = try await account.predict(key: key, chargeTimeout: .seconds(60))
    #expect(engine.calls == 1)
  }

  @Test("An engine that fails answers a fault and bills nothing")
  func failingEngine() async throws {
    let account = try await PredictStack.make(engine: ProbeEngine(.fail)).account()
    try await account.furnish()
    await #expect(throws: ProbeEngine.Failure.self) { try await account.predict() }
    await #expect(throws: ProbeEngine.Failure.self) { try await account.predict(key: "k") }
    #expect(try await account.billedCount() == 0)
  }

  @Test("A call whose deadline passes or whose client leaves stops the engine and bills nothing", arguments: ["", "k"])
  func cancelledCall(key: String) async throws {
    let engine = ProbeEngine(.hang)
    let account = try await PredictStack.make(engine: engine).account()
    try await account.furnish()
    let error = await #expect(throws: RPCError.self) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { _ = try await account.predict(key: key) }
        try await eventually { engine.calls == 1 }
        // As the transport does.
        group.cancelAll()
        try await group.waitForAll()
      }
    }
    #expect(error?.code == .cancelled)
    #expect(try await account.billedCount() == 0)
  }

  @Test("A server that is stopping answers the predictions that it has begun", arguments: ["", "k"])
  func stoppingServer(key: String) async throws {
    let engine = ProbeEngine(.wait)
    let account = try await PredictStack.make(engine: engine).account()
    try await account.furnish()
    try await withServerContextRPCCancellationHandle { handle in
      async let answer = account.predict(count: 2, key: key)
      try await eventually { engine.calls == 1 }
      handle.cancel()
      engine.release()
      #expect(try await answer.count == 3)
    }
    #expect(try await account.billedCount() == 1)
  }

  @Test("With the engine and its queue full, a call is refused with a time to wait; afterwards it is answered")
  func busy() async throws {
    let engine = ProbeEngine(.wait)
    let stack = try await PredictStack.make(engine: engine) {
      $0.engineConcurrency = 1
      $0.engineQueue = 0
    }
    let account = stack.account()
    try await account.furnish()
    let first = Task { try await account.predict() }
    try await eventually { engine.calls == 1 }
    do {
      _ = try await account.predict()
      Issue.record("answered")
    } catch let error as ServiceError {
      #expect(error.reason == .engineBusy && error.retryAfter == .seconds(1))
    }
    engine.release()
    #expect(try await first.value.count == 4)
    #expect(try await account.predict().count == 4)
    #expect(try await account.billedCount() == 2)
  }

  @Test("However many predictions of one account wait, another's is next, and takes the place of the newest of them")
  func neighbour() async throws {
    let engine = ProbeEngine(.wait)
    let stack = try await PredictStack.make(engine: engine) {
      $0.engineConcurrency = 1
      $0.engineQueue = 3
    }
    let (greedy, honest) = (stack.account(), stack.account())
    // By another service: the time that it takes to judge a profile counts as the account's at its engine.
    let other = try await PredictStack.make()
    for account in [greedy, honest] { try await other.account(id: account.id).furnish() }
    let refusals = Tally()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { _ = try await greedy.predict(count: 1) }
      try await eventually { engine.calls == 1 }
      for _ in 0..<9 {
        group.addTask {
          let reason = await refusal { try await greedy.predict(count: 1) }
          if reason == .engineBusy { refusals.add() }
        }
      }
      try await eventually { refusals.count == 6 }
      group.addTask { _ = try await honest.predict(count: 2) }
      try await eventually { refusals.count == 7 }
      engine.release()
      try await group.waitForAll()
    }
    #expect(engine.counts == [1, 2, 1, 1])
    #expect(try await [greedy.billedCount(), honest.billedCount()] == [3, 1])
  }

  @Test("However many predictions are computed, other calls are answered meanwhile")
  func engineThreads() async throws {
    let engine = ProbeEngine(.wait)
    let account = try await PredictStack.make(engine: engine) { $0.engineConcurrency = 24 }.account()
    try await account.furnish()
    let predictions = (0..<24).map { _ in Task { try await account.predict(count: 1) } }
    try await eventually { engine.calls == 24 }
    #expect(try await account.usage().predictions == 0)
    engine.release()
    for prediction in predictions { #expect(try await prediction.value.count == 2) }
    #expect(try await account.usage().predictions == 24)
  }

  @Test("Two requests are two draws with two ids")
  func requestsDiffer() async throws {
    let engine = ProbeEngine(.draw)
    let account = try await PredictStack.make(engine: engine).account()
    try await account.furnish()
    let (first, second) = (try await account.predict(), try await account.predict())
    #expect(first[0].header.requestID != second[0].header.requestID)
    #expect(first.dropFirst() != second.dropFirst())
    #expect(Set(engine.seeds).count == 2)
    #expect(try await account.billedCount() == 2)
  }

  @Test("A public profile reads the operator's rows, answers as asked, and is billed to the caller")
  func publicProfile() async throws {
    let operatorID = ResourceID.make("acct")
    let stack = try await PredictStack.make { $0.operatorAccount = operatorID }
    let maintainer = stack.account(id: operatorID)
    try await maintainer.furnish()
    let caller = stack.account()
    await expectRefusal(.cardMissing) { try await caller.predict("temporis/hourly") }
    try await caller.setCard()
    await expectRefusal(.dataProfileNotFound) { try await caller.predict("temporis/hourly") }
    try await maintainer.publish()
    await expectRefusal(.dataProfileNotFound) { try await caller.predict("hourly") }
    await expectRefusal(.dataProfileNotFound) { try await caller.predict("temporis/none") }
    await expectRefusal(.dataProfileNotFound) { try await caller.predict("temporis/temporis/hourly") }
    let answer = try await caller.predict("temporis/hourly")
    #expect(answer[0].header.dataProfile == "temporis/hourly" && answer.count == 4)
    #expect(try await caller.billedCount() == 1)
    #expect(try await maintainer.billedCount() == 0)
  }

  @Test("An archived source's profiles keep working")
  func archivedSource() async throws {
    let account = try await PredictStack.make().account()
    try await account.furnish()
    _ = try await account.setArchived(true)
    #expect(try await account.predict().count == 4)
  }

  @Test("Over its rate an account waits, another does not")
  func rateLimit() async throws {
    let stack = try await PredictStack.make { $0.rateLimit = 1 }
    let (account, other) = (stack.account(), stack.account())
    // More at once than any machine answers one a second.
    let refusals = await withTaskGroup { group in
      for _ in 0..<50 { group.addTask { await refusal { try await account.predict() } } }
      for _ in 0..<50 { group.addTask { await refusal { try await account.ingest([]) } } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(refusals.contains(.cardMissing))
    #expect(refusals.contains(.rateLimited))
    await expectRefusal(.cardMissing) { try await other.predict() }
  }

  @Test("What a prediction knew of its profile is no more than a hint for the next one")
  func changedSince() async throws {
    let account = try await PredictStack.make().account()
    try await account.furnish()
    try await account.ingest(.hourly("visits", count: 200))
    for _ in 0..<2 { #expect(try await account.predict()[0].header.names == ["orders"]) }
    try await account.removeCard()
    await expectRefusal(.cardMissing) { try await account.predict() }
    try await account.setCard()
    _ = try await account.predict()
    try await account.updateProfile(mask: ["names"]) { $0.names = ["visits"] }
    for _ in 0..<2 { #expect(try await account.predict()[0].header.names == ["visits"]) }
    try await account.deleteProfile()
    await expectRefusal(.dataProfileNotFound) { try await account.predict() }
    try await account.createProfile()
    for _ in 0..<2 { #expect(try await account.predict()[0].header.names == ["orders"]) }
    try await account.deleteRecords { $0.series = "orders" }
    await expectRefusal(.notEnoughData) { try await account.predict() }
    try await account.deleteSource(force: true)
    await expectRefusal(.dataProfileNotFound) { try await account.predict() }
    #expect(try await account.billedCount() == 7)
  }
}
