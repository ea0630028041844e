/// Limits how often a password can be tried for one address: after a run of failures each further attempt waits.
///
/// An attempt counts as failed until it is known to have succeeded, so that many at once are limited like many in a
/// row. It remembers a bounded number of addresses and forgets the longest unused first.
package struct SignInThrottle: Sendable {
  /// Failures in a row that cost nothing: people mistype.
  package let freeAttempts: Int
  /// The wait after the first failure too many; it doubles with each further one.
  package let firstDelay: Duration
  /// The longest wait, and so the longest that someone else's attempts can keep an owner out.
  package let longestDelay: Duration
  /// The most addresses remembered.
  package let capacity: Int

  private struct Entry {
    var failures: Int
    var lastAttempt: ContinuousClock.Instant
  }

  private var entries: [String: Entry] = [:]

  /// Makes a throttle that remembers nothing yet.
  package init(
    freeAttempts: Int = 10, firstDelay: Duration = .seconds(1), longestDelay: Duration = .seconds(60),
    capacity: Int = 10_000
  ) {
    self.freeAttempts = freeAttempts
    self.firstDelay = firstDelay
    self.longestDelay = longestDelay
    self.capacity = max(capacity, 1)
  }

  /// Asks to try a password at `now`.
  ///
  /// - Returns: `nil` when it may be tried, which counts as failed from here on; otherwise the time to wait first, and
  ///   the refused attempt is not counted.
  package mutating func attempt(_ address: String, at now: ContinuousClock.Instant) -> Duration? {
    var entry = entries[address] ?? Entry(failures: 0, lastAttempt: now)
    let wait = delay(after: entry.failures) - entry.lastAttempt.duration(to: now)
    if entry.failures >= freeAttempts, wait > .zero { return wait }
    if entries[address] == nil, entries.count >= capacity { forgetOldest() }
    entry.failures += 1
    entry.lastAttempt = now
    entries[address] = entry
    return nil
  }

  /// Records that the password was right: the run of failures is over.
  package mutating func succeeded(_ address: String) {
    entries[address] = nil
  }

  /// Takes an attempt back that a fault cut short, which says nothing about the password: the next may come at once.
  package mutating func withdrawn(_ address: String) {
    guard var entry = entries.removeValue(forKey: address), entry.failures > 1 else { return }
    entry.failures -= 1
    // The wait before the attempt was over; it is not to be waited for again.
    entry.lastAttempt -= delay(after: entry.failures)
    entries[address] = entry
  }

  /// The number of addresses that are remembered.
  package var count: Int { entries.count }

  private func delay(after failures: Int) -> Duration {
    guard failures >= freeAttempts else { return .zero }
    let doublings = min(failures - freeAttempts, 30)
    return min(firstDelay * (1 << doublings), longestDelay)
  }

  private mutating func forgetOldest() {
    if let oldest = entries.min(by: { $0.value.lastAttempt < $1.value.lastAttempt }) {
      entries[oldest.key] = nil
    }
  }
}
