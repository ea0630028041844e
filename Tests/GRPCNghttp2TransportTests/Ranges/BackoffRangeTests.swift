import GRPCNghttp2Transport
import Testing

@Suite struct BackoffRangeTests {
  static let factors = [
    -Double.infinity, -Double.greatestFiniteMagnitude, -1, -0.0, 0, .leastNonzeroMagnitude, 0.5, 1, 1.6, 2, 1e9,
    .greatestFiniteMagnitude, .infinity, .nan, -.nan, .signalingNaN,
  ]

  static func backoff(_ initial: Duration, _ maximum: Duration, _ multiplier: Double, _ jitter: Double)
    -> ConnectionBackoff
  {
    var backoff = ConnectionBackoff()
    backoff.initial = initial
    backoff.maximum = maximum
    backoff.multiplier = multiplier
    backoff.jitter = jitter
    return backoff
  }

  @Test("Whatever a back-off is made of, its delays are a millisecond or more, and twice its longest at most")
  func anyValues() {
    for initial in ConfigurationRangeTests.times {
      for maximum in ConfigurationRangeTests.times {
        for multiplier in Self.factors {
          for jitter in Self.factors {
            let backoff = Self.backoff(initial, maximum, multiplier, jitter)
            for failures in [Int.min, 0, 1, 2, 30, Int.max] {
              let delay = backoff.delay(failures: failures)
              // An expectation each would take ten times as long.
              if delay < .milliseconds(1) || delay > .longest * 2 {
                Issue.record("\(backoff) after \(failures): \(delay)")
              }
            }
          }
        }
      }
    }
  }

  @Test("Values out of their ranges are those at the ends, and what is no number is the default")
  func clamped() {
    #expect(ConnectionBackoff().clamped == ConnectionBackoff())
    #expect(
      Self.backoff(.zero, .zero, 0, -1).clamped == Self.backoff(.milliseconds(1), .milliseconds(1), 1, 0))
    #expect(
      Self.backoff(.seconds(Int64.max), .seconds(Int64.max), .infinity, .infinity).clamped
        == Self.backoff(.longest, .longest, 1000, 1))
    #expect(
      Self.backoff(.seconds(7), .seconds(5), .nan, .nan).clamped == Self.backoff(.seconds(7), .seconds(7), 1.6, 0.2))
  }

  @Test("Without jitter the delays are those of connection-backoff.md, to the nanosecond")
  func exact() {
    let backoff = Self.backoff(.milliseconds(100), .seconds(5), 2, 0)
    let delays = (1...8).map { (backoff.delay(failures: $0) / .nanoseconds(1)).rounded() }
    #expect(delays == [1e8, 2e8, 4e8, 8e8, 16e8, 32e8, 50e8, 50e8])
    // A multiplier of one never gets to the maximum.
    #expect(Self.backoff(.milliseconds(100), .seconds(5), 1, 0).delay(failures: .max) == .milliseconds(100))
  }
}
