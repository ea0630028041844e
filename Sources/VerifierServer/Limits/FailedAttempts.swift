package import ServiceKit
import Synchronization

/// Limits how many unknown tokens one client can have looked up: each costs the token service a query, and whoever
/// presents many is trying them out.
///
/// A client may fail a minute's attempts at once, and then as many a minute. Known tokens are not counted, and cached
/// ones, good or bad, cost nobody anything. It remembers a bounded number of clients, those that failed last.
package final class FailedAttempts: Sendable {
  /// The setting of the limit.
  package static let setting = Setting.integer(
    "failed-attempts-per-minute", default: 600, in: 0...1_000_000,
    help:
      "How many unknown tokens of one client address are looked up each minute, and as many at once; 0 is no limit.")

  private struct Bucket {
    /// The attempts that are left; below zero when several were under way at once.
    var tokens: Double
    var filled: ContinuousClock.Instant
  }

  private struct Buckets {
    /// The clients that failed since the last turn, and those of the turn before.
    var recent: [ClientAddress: Bucket] = [:]
    var old: [ClientAddress: Bucket] = [:]
  }

  private let perMinute: Double
  /// The clients of a turn: half of those remembered.
  private let turn: Int
  private let buckets = Mutex(Buckets())

  /// Makes a limit.
  ///
  /// - Parameters:
  ///   - perMinute: The unknown tokens of one client each minute; 0 is no limit.
  ///   - capacity: The most clients remembered.
  package init(perMinute: Int, capacity: Int = 20_000) {
    self.perMinute = Double(max(perMinute, 0))
    turn = max(capacity / 2, 1)
  }

  /// Asks to look up a token that is not cached.
  ///
  /// - Throws: ``ServiceError`` `rateLimited`, with the time to wait, when the client has failed too often.
  package func check(_ client: ClientAddress?, at now: ContinuousClock.Instant) throws(ServiceError) {
    guard perMinute > 0, let client else { return }
    let left = buckets.withLock { buckets in
      (buckets.recent[client] ?? buckets.old[client]).map { tokens(of: $0, at: now) } ?? perMinute
    }
    guard left < 1 else { return }
    throw ServiceError(.rateLimited, retryAfter: .seconds((1 - left) * 60 / perMinute))
  }

  /// Counts a token that turned out to be unknown.
  package func note(_ client: ClientAddress?, at now: ContinuousClock.Instant) {
    guard perMinute > 0, let client else { return }
    buckets.withLock { buckets in
      let known = buckets.recent[client] ?? buckets.old[client]
      let left = known.map { tokens(of: $0, at: now) } ?? perMinute
      if buckets.recent[client] == nil, buckets.recent.count >= turn {
        buckets.old = buckets.recent
        buckets.recent = [:]
      }
      buckets.recent[client] = Bucket(tokens: left - 1, filled: now)
    }
  }

  /// How many clients are remembered, some twice.
  package var count: Int { buckets.withLock { $0.recent.count + $0.old.count } }

  private func tokens(of bucket: Bucket, at now: ContinuousClock.Instant) -> Double {
    let minutes = max(bucket.filled.duration(to: now) / .seconds(60), 0)
    return min(bucket.tokens + minutes * perMinute, perMinute)
  }
}
