import Postgres
import PredictServer
import ServiceKit
import ServiceLifecycle
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing

@Suite("Idempotency keys of predictions")
struct IdempotencyTests {
  @Test("The same key and request replay the answer byte for byte, without a second charge")
  func replay() async throws {
    let engine = ProbeEngine(.draw)
    let account = try await PredictStack.make(engine: engine).account()
    try await account.furnish()
    let first = try await account.predict(key: "key-1")
    let second = try await account.predict(key: "key-1")
    #expect(try first.map { try $0.serializedData() } == second.map { try $0.serializedData() })
    #expect(engine.calls == 1)
    #expect(try await account.billedCount() == 1)
    #expect(try await account.predict(key: "key-2")[0].header.requestID != first[0].header.requestID)
    #expect(try await account.billedCount() == 2)
  }

  @Test("A replay is answered after the card, the profile and the rows have changed; other checks come after it")
  func replayFirst() async throws {
    let account = try await PredictStack.make().account()
    try await account.furnish()
    let first = try await account.predict(key: "k")
    try await account.removeCard()
    try await account.deleteProfile()
    #expect(try await account.predict(key: "k") == first)
    await expectRefusal(.idempotencyKeyReused) { try await account.predict(count: 4, key: "k") }
    await expectRefusal(.invalidPredictionParameters) { try await account.predict(count: 0, key: "k") }
    await expectRefusal(.cardMissing) { try await account.predict(key: "other") }
    #expect(try await account.billedCount() == 1)
  }

  @Test("A replay tells what was billed then, whatever the price is by now")
  func replayedPrice() async throws {
    let account = try await PredictStack.make { $0.price = 7 }.account()
    try await account.furnish()
    let first = try await account.predict(key: "k")[0].header
    #expect(first.modelTokens == 3 * 64 && first.priceNanoDollars == 7 && first.nanoDollars == 3 * 64 * 7)
    let later = try await PredictStack.make { $0.price = 11 }.account(id: account.id)
    #expect(try await later.predict(key: "k")[0].header == first)
  }

  @Test("A response that was stored before headers told what was billed is replayed, with what was billed then")
  func replayOfEarlierRelease() async throws {
    let account = try await PredictStack.make().account()
    try await account.furnish()
    let messages = try await account.predict(key: "k")
    var stored = messages
    stored[0].header.modelTokens = 0
    stored[0].header.priceNanoDollars = 0
    stored[0].header.nanoDollars = 0
    _ = try await account.stack.administrator.execute(
      "UPDATE predict.prediction_answer SET messages = $2, size = NULL WHERE account_id = $1", .text(account.id),
      .byteaArray(try stored.map { try $0.serializedBytes() }))
    #expect(try await account.predict(key: "k") == messages)
  }

  @Test("A replay takes its share of the memory by the size that was stored, before it reads the response")
  func replayedSize() async throws {
    let stack = try await PredictStack.make()
    let (account, other) = (stack.account(), stack.account())
    try await account.furnish()
    try await other.furnish()
    let messages = try await account.predict(key: "k")
    let size = try await stack.administrator.query(
      "SELECT size FROM predict.prediction_answer WHERE account_id = $1", .text(account.id)
    )[0].decode(0, as: Int64.self)
    #expect(size == Int64(try messages.reduce(0) { $0 + (try $1.serializedBytes() as [UInt8]).count }))
    _ = try await stack.administrator.execute(
      "UPDATE predict.prediction_answer SET size = $2, messages = '{}' WHERE account_id = $1", .text(account.id),
      .int8(1 << 40))
    // Another account's response is held, so that there is less than all of it.
    let held = try await other.call { service, _ in
      try await service.predictions.response(
        to: .with {
          $0.dataProfile = "hourly"
          ($0.count, $0.temperature, $0.topP) = (1, 1, 1)
        })
    }
    await expectRefusal(.engineBusy) { try await account.predict(key: "k") }
    withExtendedLifetime(held) {}
  }

  @Test("The same key with any other field is refused and bills nothing")
  func conflict() async throws {
    let account = try await PredictStack.make().account()
    try await account.furnish()
    try await account.createProfile("second")
    _ = try await account.predict(key: "k")
    let message = "Idempotency key reused with a different request."
    await expectRefusal(.idempotencyKeyReused, saying: message) { try await account.predict("second", key: "k") }
    await expectRefusal(.idempotencyKeyReused, saying: message) { try await account.predict(count: 2, key: "k") }
    await expectRefusal(.idempotencyKeyReused, saying: message) {
      try await account.predict(temperature: 1.5, key: "k")
    }
    await expectRefusal(.idempotencyKeyReused, saying: message) { try await account.predict(topP: 0.8, key: "k") }
    #expect(try await account.billedCount() == 1)
  }

  @Test("A refused request does not use its key up")
  func refusedKey() async throws {
    let account = try await PredictStack.make().account()
    await expectRefusal(.cardMissing) { try await account.predict(count: 2, key: "k") }
    try await account.furnish()
    #expect(try await account.predict(count: 3, key: "k").count == 4)
    #expect(try await account.billedCount() == 1)
  }

  @Test("Keys are an account's own")
  func ownKeys() async throws {
    let stack = try await PredictStack.make()
    let (one, other) = (stack.account(), stack.account())
    try await one.furnish()
    try await other.furnish()
    let first = try await one.predict(key: "k")
    #expect(try await other.predict(count: 2, key: "k")[0] != first[0])
    #expect(try await other.billedCount() == 1)
  }

  @Test("20 callers with one key, on several replicas, get one answer and one charge")
  func concurrentCallers() async throws {
    let account = try await PredictStack.make().account()
    try await account.furnish()
    // A service of its own each: only the database is between them.
    let replicas = try await (0..<4).asyncMap { _ in try await PredictStack.make().account(id: account.id) }
    let answers = try await withThrowingTaskGroup(of: [Temporis_Predict_V1_PredictResponse].self) { group in
      for caller in 0..<20 { group.addTask { try await replicas[caller % 4].predict(key: "one") } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(answers.count == 20)
    #expect(answers.allSatisfy { $0 == answers[0] })
    #expect(try await account.billedCount() == 1)
    #expect(try await account.usage().predictions == 1)
  }

  @Test("A second caller waits for the first one's answer and draws nothing")
  func secondWaits() async throws {
    let engine = ProbeEngine(.wait)
    let account = try await PredictStack.make(engine: engine).account()
    try await account.furnish()
    let callers = (0..<5).map { _ in Task { try await account.predict(key: "k") } }
    try await eventually { engine.calls == 1 }
    engine.release()
    var answers: [[Temporis_Predict_V1_PredictResponse]] = []
    for caller in callers { answers.append(try await caller.value) }
    #expect(answers.allSatisfy { $0 == answers[0] })
    #expect(engine.calls == 1)
    #expect(try await account.billedCount() == 1)
  }

  @Test("After 24 hours a key is free again")
  func expiry() async throws {
    let account = try await PredictStack.make().account()
    try await account.furnish()
    let first = try await account.predict(key: "k")
    try await account.age("24 hours")
    let second = try await account.predict(count: 2, key: "k")
    #expect(second[0].header.requestID != first[0].header.requestID)
    #expect(try await account.predict(count: 2, key: "k") == second)
    #expect(try await account.billedCount() == 2)
    try await account.age("23 hours 59 minutes")
    #expect(try await account.predict(count: 2, key: "k") == second)
  }

  @Test("Responses that no key replays any more are deleted in the background, the others are not")
  func pruning() async throws {
    let stack = try await PredictStack.make()
    let (old, fresh) = (stack.account(), stack.account())
    for account in [old, fresh] {
      try await account.furnish()
      _ = try await account.predict(key: "k")
    }
    try await old.age("25 hours")
    let background = Task { for service in stack.service.background { try await service.run() } }
    try await eventually { try await old.storedResponses() == 0 }
    background.cancel()
    #expect(try await fresh.storedResponses() == 1)
    #expect(try await old.billedCount() == 1)
  }
}

extension Account {
  /// How many responses are stored, old ones included.
  fileprivate func storedResponses() async throws -> Int {
    try await stack.administrator.query(
      "SELECT count(*) FROM predict.prediction_answer WHERE account_id = $1", .text(id)
    )[0].decode(0)
  }

  /// Makes the stored responses so much older.
  fileprivate func age(_ interval: String) async throws {
    _ = try await stack.administrator.execute(
      "UPDATE predict.prediction_answer SET create_time = create_time - $2::text::interval WHERE account_id = $1",
      .text(id), .text(interval))
  }
}

extension Sequence {
  fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}
