/// What a session announces to its peer and enforces. Values outside their ranges are clamped to them.
package struct HTTP2Configuration: Sendable, Hashable {
  /// SETTINGS_MAX_CONCURRENT_STREAMS: the streams that the peer may have open at once.
  package var maxConcurrentStreams: UInt32 = 1000
  /// SETTINGS_INITIAL_WINDOW_SIZE in bytes: what the peer may send on one stream before the application takes it. Not
  /// negative.
  package var streamWindowBytes: Int32 = 65_535
  /// The connection's receive window in bytes; at least 65,535, with which it begins (RFC 9113 section 6.9.2).
  package var connectionWindowBytes: Int32 = 1 << 20
  /// SETTINGS_MAX_HEADER_LIST_SIZE in bytes, counted as RFC 9113 section 6.5.2 does: name, value and 32 for each field.
  /// 0 to 2^32 - 1.
  package var maxHeaderListBytes: Int = 16_384
  /// The answers to PING and SETTINGS frames that may wait for the peer to read them, besides 64 KiB of serialized
  /// ones; not negative, like all that follow.
  package var maxQueuedAcknowledgements: Int = 1000
  /// The frames, DATA aside, that may wait for the peer to read them. Each open stream may have a few.
  package var maxQueuedFrames: Int = 20_000
  /// How far the frames received that move no call on may get ahead of those that do.
  package var maxIdleFrames: Int = 10_000
  /// The RST_STREAM frames that a client may send at once, and then each second (CVE-2023-44487).
  package var maxResetBurst: UInt32 = 10_000
  /// What is added to ``maxResetBurst`` each second.
  package var maxResetsPerSecond: UInt32 = 1000
  /// The id of a client's first stream, an odd one; nil for 1. A test's way to the end of the ids.
  package var firstStreamID: Int32?

  /// Creates the defaults.
  package init() {}
}

extension HTTP2Configuration {
  /// Every value within its range.
  package var clamped: Self {
    var values = self
    values.streamWindowBytes = max(self.streamWindowBytes, 0)
    values.connectionWindowBytes = max(self.connectionWindowBytes, 65_535)
    values.maxHeaderListBytes = min(max(self.maxHeaderListBytes, 0), Int(UInt32.max))
    values.maxQueuedAcknowledgements = max(self.maxQueuedAcknowledgements, 0)
    values.maxQueuedFrames = max(self.maxQueuedFrames, 0)
    values.maxIdleFrames = max(self.maxIdleFrames, 0)
    return values
  }
}
