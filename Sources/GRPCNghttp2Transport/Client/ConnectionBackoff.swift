/// How long to wait between attempts to connect: exponential with jitter (gRPC's connection-backoff.md).
public struct ConnectionBackoff: Sendable, Hashable {
  public var initial = Duration.milliseconds(100)
  public var maximum = Duration.seconds(5)
  public var multiplier = 1.6
  /// The share of the delay, 0 to 1, by which it is randomly longer or shorter.
  public var jitter = 0.2

  /// Creates the defaults.
  public init() {}

  /// The delay after `failures` failed attempts in a row, 1 or more.
  public func delay(failures: Int) -> Duration {
    var generator = SystemRandomNumberGenerator()
    return self.delay(failures: failures, using: &generator)
  }

  /// The delay, with jitter from `generator`.
  package func delay(failures: Int, using generator: inout some RandomNumberGenerator) -> Duration {
    var delay = self.initial
    for _ in 1..<max(failures, 1) where delay < self.maximum {
      delay = delay * self.multiplier
    }
    return min(delay, self.maximum) * Double.random(in: 1 - self.jitter...1 + self.jitter, using: &generator)
  }
}
