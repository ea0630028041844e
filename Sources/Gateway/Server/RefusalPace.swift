import ServiceKit
import Synchronization

/// Delays 401 answers once there are many, so that guessing tokens takes time and costs the suite little.
///
/// As many as allowed a second are answered at once, after a quiet time up to a second's worth together; each further
/// one waits for its turn, at most ``longestWait``.
package final class RefusalPace: Sendable {
  private static let longestWait = Duration.seconds(1)
  private static let burst = Duration.seconds(1)

  /// Nil: none waits.
  private let interval: Duration?
  private let next = Mutex(ContinuousClock.now - .seconds(1))

  /// Answers `rate` a second at once; 0 is no limit.
  package init(rate: Int) {
    interval = rate > 0 ? .seconds(1) / rate : nil
  }

  /// Returns the time that one more answer has to wait.
  package func delay(at now: ContinuousClock.Instant = .now) -> Duration {
    guard let interval else { return .zero }
    return next.withLock { next in
      let turn = max(next, now - Self.burst)
      let delay = turn - now
      guard delay < Self.longestWait else { return Self.longestWait }
      next = turn + interval
      return max(delay, .zero)
    }
  }

  /// Waits for the turn of one more answer.
  func wait() async throws {
    let delay = delay()
    if delay > .zero { try await pause(for: delay) }
  }
}
