/// How often something may happen: so many times at once, and once more after each interval (the generic cell rate
/// algorithm of ITU-T I.371).
///
/// What has happened is one instant: up to when it has used the rate up, an interval each. What lies in the past is
/// forgotten.
package struct AttemptRate: Sendable, Hashable {
  /// How many attempts may come at once.
  package let burst: Int
  /// The time after which one more may come.
  package let interval: Duration

  /// Describes a rate.
  package init(burst: Int, interval: Duration) {
    self.burst = burst
    self.interval = interval
  }

  /// How long the next attempt has to wait; zero when it may come.
  func wait(_ usedUntil: ContinuousClock.Instant?, at now: ContinuousClock.Instant) -> Duration {
    guard let usedUntil else { return .zero }
    return max(now.duration(to: usedUntil) - interval * (burst - 1), .zero)
  }

  /// Counts an attempt, also one that may not come by this rate.
  func counting(_ usedUntil: ContinuousClock.Instant?, at now: ContinuousClock.Instant) -> ContinuousClock.Instant {
    max(usedUntil ?? now, now) + interval
  }

  /// Takes an attempt back; `nil` when nothing is left to remember.
  func takingBack(_ usedUntil: ContinuousClock.Instant?, at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    usedUntil.flatMap { $0 - interval > now ? $0 - interval : nil }
  }
}
