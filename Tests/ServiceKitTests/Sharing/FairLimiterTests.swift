import GRPCNghttp2Transport
import ServiceKit
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct FairLimiterTests {
  private struct Busy: Error {}

  /// What happened, in its order.
  private final class Recorder: Sendable {
    private let recorded = Mutex<[String]>([])

    var all: [String] { recorded.withLock { $0 } }

    func append(_ element: String) { recorded.withLock { $0.append(element) } }
  }

  private func limiter(
    _ units: Int, _ allowance: ShareAllowance = .everything, queueLimit: Int, clientLimit: Int? = nil
  ) -> FairLimiter<String> {
    FairLimiter(
      "test", units: units, allowance: allowance, queueLimit: queueLimit, clientLimit: clientLimit, refusal: Busy())
  }

  @Test("As many run as there are units; the others take turns by client, and each client's keep their order")
  func turns() async throws {
    let limiter = limiter(1, queueLimit: 8)
    let order = Recorder()
    try await withThrowingTaskGroup(of: Void.self) { group in
      var first: FairLimiter<String>.Share? = try await limiter.share(of: 1, for: "a")
      for (number, name) in ["a1", "a2", "a3", "b1"].enumerated() {
        group.addTask { try await limiter.run(for: String(name.prefix(1))) { order.append(name) } }
        try await eventually { limiter.occupancy.waiting == number + 1 }
      }
      #expect(limiter.occupancy == (held: 1, waiting: 4))
      withExtendedLifetime(first) {}
      first = nil
      try await group.waitForAll()
    }
    #expect(order.all == ["b1", "a1", "a2", "a3"])
    #expect(limiter.occupancy == (held: 0, waiting: 0))
  }

  @Test("Who finds no place in the queue is refused, and so is the one whose place another takes")
  func refusals() async throws {
    let limiter = limiter(1, queueLimit: 2)
    let refused = Recorder()
    try await withThrowingTaskGroup(of: Void.self) { group in
      var first: FairLimiter<String>.Share? = try await limiter.share(of: 1, for: "a")
      for number in 1...2 {
        group.addTask {
          do {
            try await limiter.run(for: "a") {}
          } catch is Busy {
            refused.append("a\(number)")
          }
        }
        try await eventually { limiter.occupancy.waiting == number }
      }
      await #expect(throws: Busy.self) { try await limiter.run(for: "a") {} }
      group.addTask { try await limiter.run(for: "b") {} }
      try await eventually { !refused.all.isEmpty }
      withExtendedLifetime(first) {}
      first = nil
      try await group.waitForAll()
    }
    #expect(refused.all == ["a2"])
  }

  @Test("Who waits until the call must be answered is refused while there is time to say so")
  func patience() async throws {
    let limiter = limiter(1, queueLimit: 2)
    let first = try await limiter.share(of: 1, for: "a")
    await #expect(throws: Busy.self) {
      try await CallDeadline.within(.seconds(1)) {
        defer { #expect(CallDeadline.current.map { .now < $0 } == true) }
        try await limiter.run(for: "b") {}
      }
    }
    #expect(limiter.occupancy == (held: 1, waiting: 0))
    withExtendedLifetime(first) {}
  }

  @Test("Who stops waiting leaves nothing behind, and lets others go on")
  func cancellation() async throws {
    let limiter = limiter(10, queueLimit: 8)
    let first = try await limiter.share(of: 6, for: "a")
    let large = Task { _ = try await limiter.share(of: 8, for: "b") }
    try await eventually { limiter.occupancy.waiting == 1 }
    let small = Task { _ = try await limiter.share(of: 4, for: "c") }
    try await eventually { limiter.occupancy.waiting == 2 }
    large.cancel()
    await #expect(throws: CancellationError.self) { try await large.value }
    try await small.value
    #expect(limiter.occupancy == (held: 6, waiting: 0))
    withExtendedLifetime(first) {}
  }

  @Test("A task that was cancelled before gets nothing")
  func cancelledBefore() async throws {
    let limiter = limiter(1, queueLimit: 8)
    let task = Task {
      await untilCancelled()
      try await limiter.run(for: "a") {}
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(limiter.occupancy == (held: 0, waiting: 0))
  }

  @Test("Memory that is held for long is refused to who has as much as it leaves, and given back with the last holder")
  func memory() async throws {
    let limiter = limiter(100, .asMuchAsIsFree, queueLimit: 0)
    var shares = [try await limiter.share(of: 40, for: "a")]
    await #expect(throws: Busy.self) { _ = try await limiter.share(of: 40, for: "a") }
    shares.append(try await limiter.share(of: 60, for: "b"))
    await #expect(throws: Busy.self) { _ = try await limiter.share(of: 1, for: "c") }
    shares.removeAll()
    _ = try await limiter.share(of: 1_000, for: "c")
    #expect(limiter.occupancy == (held: 0, waiting: 0))
  }

  @Test("An error of the work gives its share back")
  func errors() async throws {
    let limiter = limiter(1, queueLimit: 0)
    await #expect(throws: TimedOut.self) { try await limiter.run(for: "a") { throw TimedOut() } }
    try await limiter.run(for: "a") {}
  }

  private func untilCancelled() async {
    while !Task.isCancelled { await Task.yield() }
  }
}
