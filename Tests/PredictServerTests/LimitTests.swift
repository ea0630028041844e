import PredictServer
import ServiceKit
import Synchronization
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
