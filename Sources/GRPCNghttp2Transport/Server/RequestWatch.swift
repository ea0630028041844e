import NIOCore

/// Whether a client keeps the server waiting for a request's next message, found out by looking four times in the time
/// that it has: cheaper than noting when each message came.
struct RequestWatch {
  private var looks = 0

  private static let looksInTimeout = 4

  /// How far apart looks are for a client that has `timeout`.
  static func interval(_ timeout: Duration) -> TimeAmount {
    .nanoseconds(max(TimeAmount(clamping: timeout).nanoseconds / Int64(self.looksInTimeout), 1_000_000))
  }

  /// A message came, or isn't waited for.
  mutating func progressed() {
    self.looks = 0
  }

  /// Looks, while the client is waited for; returns whether it was for the whole time.
  mutating func isOverdue() -> Bool {
    self.looks += 1
    // The first look may come at once.
    return self.looks > Self.looksInTimeout
  }
}
