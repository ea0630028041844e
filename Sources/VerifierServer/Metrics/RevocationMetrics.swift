package import Metrics

/// Counts the entries of the revocation log that the verifier has applied, and times how long each took from its
/// coming.
package struct RevocationMetrics: Sendable {
  private let applied: Counter
  private let delay: Timer

  /// Makes the metrics.
  package init(factory: any MetricsFactory = MetricsSystem.factory) {
    applied = Counter(label: "verifier_revocations_applied_total", factory: factory)
    delay = Timer(label: "verifier_revocation_delay_seconds", factory: factory)
  }

  /// Entries that came together were applied.
  ///
  /// - Parameters:
  ///   - count: How many they are.
  ///   - received: When they came.
  package func record(_ count: Int, received: ContinuousClock.Instant, applied now: ContinuousClock.Instant = .now) {
    guard count > 0 else { return }
    applied.increment(by: count)
    delay.record(duration: received.duration(to: now))
  }
}
