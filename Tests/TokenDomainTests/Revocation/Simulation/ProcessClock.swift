/// The clock of one process: it begins anywhere and runs a little too fast or too slow.
struct ProcessClock {
  /// Time without drift, in nanoseconds since the schedule began.
  typealias Time = Int64

  /// The most by which a clock runs wrong, in millionths: two clocks then keep the margin of a lease between them, as
  /// 0.975 / 1.025 > 0.95.
  static let largestDrift = 25_000
  private static let origin = ContinuousClock.now

  private let start: ContinuousClock.Instant
  private let rate: Int64

  /// A clock of a process that starts.
  init(using random: inout SimulationRandom) {
    start = Self.origin + .seconds(random.below(1_000_000))
    let drifts = [0, -Self.largestDrift, Self.largestDrift, random.below(2 * Self.largestDrift) - Self.largestDrift]
    rate = 1_000_000 + Int64(drifts[random.below(drifts.count)])
  }

  /// What the clock shows at a time.
  func instant(at time: Time) -> ContinuousClock.Instant {
    start + .nanoseconds(time * rate / 1_000_000)
  }

  /// When the clock shows an instant.
  func time(of instant: ContinuousClock.Instant) -> Time {
    let (seconds, attoseconds) = start.duration(to: instant).components
    return (seconds * 1_000_000_000 + attoseconds / 1_000_000_000) * 1_000_000 / rate
  }
}
