import Glibc

/// An instant of CLOCK_MONOTONIC in nanoseconds. The poller reads the clock once per round.
struct MonotonicTime: Comparable {
  var nanoseconds: Int64

  static let distantFuture = MonotonicTime(nanoseconds: .max)
  /// Has always passed.
  static let past = MonotonicTime(nanoseconds: 0)

  static var now: MonotonicTime {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// Adds a duration, at most 136 years: the sum of many timeouts may be longer.
  static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
    let parts = duration.components
    return MonotonicTime(
      nanoseconds: time.nanoseconds + min(parts.seconds, 1 << 32) * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
  }

  /// The time left; zero when it has passed.
  func interval(since now: MonotonicTime) -> timespec {
    let rest = max(0, nanoseconds - now.nanoseconds)
    return timespec(tv_sec: Int(rest / 1_000_000_000), tv_nsec: Int(rest % 1_000_000_000))
  }
}
