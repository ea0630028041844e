import Glibc

/// How long to wait between attempts to connect: exponential with jitter (gRPC's connection-backoff.md).
///
/// Values outside their ranges are clamped to them, and what is not a number is the default.
public struct ConnectionBackoff: Sendable, Hashable {
  /// The delay after the first failure, but for the jitter; 1 millisecond to ten years.
  public var initial = Duration.milliseconds(100)
  /// The longest delay, but for the jitter; ``initial`` to ten years.
  public var maximum = Duration.seconds(5)
  /// By how much each delay is longer than the one before; 1 to 1000.
  public var multiplier = 1.6
  /// The share of the delay by which it is randomly longer or shorter; 0 to 1.
  public var jitter = 0.2

  /// Creates the defaults.
  public init() {}

  /// The delay after `failures` failed attempts in a row, 1 or more; at least a millisecond.
  public func delay(failures: Int) -> Duration {
    var generator = SystemRandomNumberGenerator()
    return self.delay(failures: failures, using: &generator)
  }

  /// The delay, with jitter from `generator`.
  package func delay(failures: Int, using generator: inout some RandomNumberGenerator) -> Duration {
    let values = self.clamped
    // In seconds, whose products may be infinite.
    let growth = pow(values.multiplier, Double(max(failures, 1) - 1))
    let delay = min(values.initial / .seconds(1) * growth, values.maximum / .seconds(1))
    let spread = Double.random(in: 1 - values.jitter...1 + values.jitter, using: &generator)
    return max(.seconds(delay * spread), Duration.timerIntervals.lowerBound)
  }
}

extension ConnectionBackoff {
  /// Every value within its range.
  package var clamped: Self {
    var values = self
    values.initial = self.initial.clamped(to: Duration.timerIntervals)
    values.maximum = self.maximum.clamped(to: values.initial ... .longest)
    values.multiplier = (self.multiplier.isNaN ? Self().multiplier : self.multiplier).clamped(to: 1...1000)
    values.jitter = (self.jitter.isNaN ? Self().jitter : self.jitter).clamped(to: 0...1)
    return values
  }
}
