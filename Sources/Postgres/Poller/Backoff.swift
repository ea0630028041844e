/// How long to wait before the next attempt to connect: doubling, capped, and spread so that clients don't come in step.
struct Backoff {
  private static let first: Int64 = 50_000_000
  private static let cap: Int64 = 2_000_000_000
  private var failures = 0

  mutating func reset() {
    failures = 0
  }

  /// Half of the delay is random.
  mutating func next() -> Duration {
    let ceiling = min(Self.cap, Self.first << Int64(min(failures, 10)))
    failures += 1
    return .nanoseconds(ceiling / 2 + Int64.random(in: 0...ceiling / 2))
  }
}
