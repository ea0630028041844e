extension Comparable {
  /// The value, or the end of the range that is nearer to it.
  func clamped(to range: ClosedRange<Self>) -> Self {
    min(max(self, range.lowerBound), range.upperBound)
  }
}

extension Int {
  /// The lengths that the prefix of a message can say (PROTOCOL-HTTP2.md, Length-Prefixed-Message).
  static var messageLengths: ClosedRange<Self> { 0...Int(UInt32.max) }
  /// What SETTINGS_MAX_HEADER_LIST_SIZE may say, from twice what a call without metadata takes.
  static var headerListBytes: ClosedRange<Self> { 1024...Int(UInt32.max) }
  /// The windows of streams (RFC 9113 section 6.9.2), from one of which half a window is more than a crumb to
  /// ``HTTP2Session``'s guard against floods.
  static var streamWindows: ClosedRange<Self> { 1024...Int(Int32.max) }
  /// The windows of connections, which begin at the least of these (RFC 9113 section 6.9.2).
  static var connectionWindows: ClosedRange<Self> { 65_535...Int(Int32.max) }
}

extension Duration {
  /// The longest of the transport's times, ten years: an instant so far away can still be computed with.
  package static var longest: Self { .seconds(10 * 366 * 86_400) }

  /// The times that a timer can be set to: below a millisecond it would only keep a processor busy.
  static var timerIntervals: ClosedRange<Self> { .milliseconds(1) ... .longest }
}
