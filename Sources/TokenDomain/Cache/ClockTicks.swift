/// A time of `ContinuousClock` in eight bytes, where many are kept, or one is read without a lock.
///
/// It counts 2^30 attoseconds, about a nanosecond, from a moment in the process's life, rounded towards the past. Of
/// two times the one that is earlier by this count is earlier.
package struct ClockTicks: Sendable, Hashable, Comparable {
  /// Before every other time: an end that is over.
  package static let distantPast = ClockTicks(count: .min)
  /// After every other time: an end that never comes.
  package static let distantFuture = ClockTicks(count: .max)

  private static let origin = ContinuousClock.now

  /// How many ticks after the beginning.
  package let count: Int64

  /// Takes a count.
  package init(count: Int64) {
    self.count = count
  }

  /// Counts an instant, within 300 years.
  package init(_ instant: ContinuousClock.Instant) {
    count = Int64(clamping: Self.origin.duration(to: instant).attoseconds >> 30)
  }

  package static func < (one: Self, other: Self) -> Bool { one.count < other.count }
}
