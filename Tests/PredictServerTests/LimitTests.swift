import PredictServer
import ServiceKit
import SwiftProtobuf
import Synchronization
import TemporisAPI
import TestSupport
import Testing

@Suite("Limits")
struct LimitTests {
  @Test("A bucket holds a second's requests, refills steadily, and says how long to wait")
  func tokenBucket() throws {
    let limiter = RateLimiter(requestsPerSecond: 4)
    let start = ContinuousClock.now
    for _ in 0..<4 { try limiter.admit("a", now: start) }
    let refusal = #expect(throws: ServiceError.self) { try limiter.admit("a", now: start) }
    #expect(refusal?.reason == .rateLimited && refusal?.retryAfter == .milliseconds(250))
    try limiter.admit("b", now: start)
    try limiter.admit("a", now: start + .milliseconds(250))
    #expect(throws: ServiceError.self) { try limiter.admit("a", now: start + .milliseconds(499)) }
    for _ in 0..<4 { try limiter.admit("a", now: start + .seconds(60)) }
    #expect(throws: ServiceError.self) { try limiter.admit("a", now: start + .seconds(60)) }
  }

  @Test("However many accounts come, few are remembered, and a busy one is not forgotten for idle ones")
  func boundedAccounts() throws {
    let limiter = RateLimiter(requestsPerSecond: 1, capacity: 10)
    let start = ContinuousClock.now
    for number in 0..<1_000 { try limiter.admit("a\(number)", now: start + .seconds(2 * number)) }
    #expect(limiter.accountCount <= 10)
    let late = start + .seconds(3_000)
    try limiter.admit("busy", now: late + .milliseconds(500))
    for number in 0..<9 { try limiter.admit("b\(number)", now: late) }
    try limiter.admit("one more", now: late)
    #expect(limiter.accountCount <= 10)
    #expect(throws: ServiceError.self) { try limiter.admit("busy", now: late + .milliseconds(600)) }
  }

  @Test("An account may have so many rows, and may write again once it has deleted some")
  func rowLimit() async throws {
    // In a database of its own: what the service does in the background is for all.
    var configuration = PredictConfiguration()
    configuration.rowLimit = 10
    let stack = try await PredictStack(cluster: .shared(), configuration: configuration)
    let (account, other) = (stack.account(), stack.account())
    try await account.createSource()
    try await other.createSource()
    try await account.ingest((0..<10).map { .of("a", $0, 1) })
    try await stack.service.maintain()
    let refusal = await #expect(throws: ServiceError.self) { try await account.ingest([.of("a", 10, 1)]) }
    #expect(refusal?.reason == .quotaExceeded && refusal?.message == "An account may have at most 10 rows.")
    #expect(try await account.ingest([]) == 0)
    #expect(try await account.ingest([.of("a", 9, 2)]) == 1)
    #expect(try await other.ingest([.of("a", 10, 1)]) == 1)
    await expectRefusal(.dataSourceNotFound) { try await account.ingest([.of("a", 10, 1)], into: "none") }
    #expect(try await account.rows().count == 10)
    try await account.deleteRecords { $0.endTimestamp = .init(5) }
    try await stack.service.maintain()
    #expect(try await account.ingest((0..<5).map { .of("b", $0, 1) }) == 5)
  }

  @Test("An account may have so many data sources and profiles")
  func resourceLimits() async throws {
    let stack = try await PredictStack.make {
      $0.dataSourceLimit = 2
      $0.dataProfileLimit = 1
    }
    let account = stack.account()
    try await account.createSource()
    try await account.createSource("second", key: "k")
    await expectRefusal(.quotaExceeded) { try await account.createSource("third") }
    await expectRefusal(.dataSourceExists) { try await account.createSource("second") }
    try await account.createSource("second", key: "k")
    try await account.createProfile(key: "k")
    await expectRefusal(.quotaExceeded) { try await account.createProfile("more") }
    await expectRefusal(.dataProfileExists) { try await account.createProfile() }
    await expectRefusal(.dataSourceNotFound) { try await account.createProfile("more") { $0.dataSource = "none" } }
    try await account.createProfile(key: "k")
    try await account.deleteProfile()
    try await account.createProfile("more")
  }

  @Test("Calls with one key run one after another, others beside them, and keys are forgotten after use")
  func idempotencyLock() async throws {
    let lock = IdempotencyLock(waiterLimit: 100)
    let inside = Recorder()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for caller in 0..<40 {
        group.addTask {
          try await lock.withKey(.init(accountID: "a", idempotencyKey: "k")) {
            inside.append(caller)
            if caller.isMultiple(of: 2) { await Task.yield() }
            inside.append(caller)
          }
        }
      }
      try await group.waitForAll()
    }
    // Who enters leaves before the next one enters.
    let numbers = inside.numbers
    #expect(numbers.count == 80)
    #expect(stride(from: 0, to: 80, by: 2).allSatisfy { numbers[$0] == numbers[$0 + 1] })
    #expect(lock.keyCount == 0)
    try await lock.withKey(.init(accountID: "a", idempotencyKey: "k")) {
      try await lock.withKey(.init(accountID: "b", idempotencyKey: "k")) { #expect(lock.keyCount == 2) }
    }
  }
}

/// What happened, in its order.
private final class Recorder: Sendable {
  private let recorded = Mutex<[Int]>([])

  var numbers: [Int] { recorded.withLock { $0 } }

  func append(_ number: Int) {
    recorded.withLock { $0.append(number) }
  }
}
