package import NIOCore

extension TimeAmount {
  /// Converts with nanosecond precision: a negative duration is no time, and ``Swift/Duration/longest`` the most.
  package init(clamping duration: Duration) {
    let (seconds, attoseconds) = duration.clamped(to: .zero ... .longest).components
    self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
