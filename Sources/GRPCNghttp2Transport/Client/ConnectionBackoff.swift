/// How long to wait between attempts to connect: exponential with jitter (gRPC's connection-backoff.md).
package struct ConnectionBackoff: Sendable, Hashable {
  package var initial = Duration.milliseconds(100)
  package var maximum = Duration.seconds(5)
  package var multiplier = 1.6
  /// The share of the delay, 0 to 1, by which it is randomly longer or shorter.
  package var jitter = 0.2

  /// Creates the defaults.
  package init() {}

  /// The delay after `failures` failed attempts in a row, 1 or more.
  package func delay(failures: Int) -> Duration {
    var delay = self.initial
    for _ in 1..<max(failures, 1) where delay < self.maximum {
      delay = delay * self.multiplier
    }
    return min(delay, self.maximum) * Double.random(in: 1 - self.jitter...1 + self.jitter)
  }
}
