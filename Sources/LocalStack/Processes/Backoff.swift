/// How long to wait before a process that ended is started again: 0.1 s, doubled up to 5 s, and 0.1 s again once it
/// has run for 10 s.
package struct Backoff: Sendable {
  private var failures = 0

  /// Starts without a failure.
  package init() {}

  /// The first wait.
  package static let shortest = Duration.milliseconds(100)
  /// The longest wait.
  package static let longest = Duration.seconds(5)
  /// A process that ran for so long is well again.
  package static let wellAfter = Duration.seconds(10)

  /// The wait after a run of this length.
  package mutating func next(afterRunning time: Duration) -> Duration {
    failures = time >= Self.wellAfter ? 1 : failures + 1
    return min(Self.longest, Self.shortest * (1 << min(failures - 1, 10)))
  }
}
