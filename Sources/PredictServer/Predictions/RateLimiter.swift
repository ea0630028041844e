package import ServiceKit
import Synchronization

/// A token bucket for each account: a number of requests per second, and as many at once.
///
/// It remembers one instant an account (the generic cell rate algorithm, ITU-T I.371), and forgets accounts that have
/// their whole bucket back when it grows beyond its bound.
package final class RateLimiter: Sendable {
  private let interval: Duration
  private let tolerance: Duration
  private let capacity: Int
  /// The instant at which each account's bucket will be full again.
  private let fullAt = Mutex<[String: ContinuousClock.Instant]>([:])

  /// - Parameters:
  ///   - requestsPerSecond: over 0.
  ///   - capacity: the most accounts remembered at a time; over 0.
  package init(requestsPerSecond: Int, capacity: Int = 10_000) {
    let rate = max(1, requestsPerSecond)
    interval = .seconds(1) / rate
    tolerance = interval * (rate - 1)
    self.capacity = max(1, capacity)
  }

  /// Takes one request out of an account's bucket.
  ///
  /// - Throws: `rateLimited`, with how long to wait, when the bucket is empty.
  package func admit(_ accountID: String, now: ContinuousClock.Instant = .now) throws(ServiceError) {
    let wait = fullAt.withLock { fullAt -> Duration? in
      let full = max(fullAt[accountID] ?? now, now)
      let excess = now.duration(to: full) - tolerance
      if excess > .zero { return excess }
      if fullAt[accountID] == nil, fullAt.count >= capacity { Self.makeRoom(in: &fullAt, now: now) }
      fullAt[accountID] = full + interval
      return nil
    }
    if let wait { throw ServiceError(.rateLimited, retryAfter: wait) }
  }

  /// The number of accounts that are remembered.
  package var accountCount: Int { fullAt.withLock { $0.count } }

  private static func makeRoom(in fullAt: inout [String: ContinuousClock.Instant], now: ContinuousClock.Instant) {
    let count = fullAt.count
    fullAt = fullAt.filter { $0.value > now }
    guard fullAt.count == count, let nearest = fullAt.min(by: { $0.value < $1.value }) else { return }
    fullAt[nearest.key] = nil
  }
}
