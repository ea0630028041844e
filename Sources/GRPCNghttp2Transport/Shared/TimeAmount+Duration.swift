import NIOCore

extension TimeAmount {
  /// Converts with nanosecond precision; at most ten years, which NIO's clock can still be added to.
  init(clamping duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let longest: Int64 = 10 * 366 * 86400
    self = seconds >= longest ? .seconds(longest) : .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
