/// What a session announces to its peer and enforces.
package struct HTTP2Configuration: Sendable, Hashable {
  /// SETTINGS_MAX_CONCURRENT_STREAMS: the streams that the peer may have open at once.
  package var maxConcurrentStreams: UInt32 = 1000
  /// SETTINGS_INITIAL_WINDOW_SIZE in bytes: what the peer may send on one stream before the application takes it. At
  /// most 2^31 - 1.
  package var streamWindowBytes: Int32 = 65_535
  /// The connection's receive window in bytes. At most 2^31 - 1.
  package var connectionWindowBytes: Int32 = 1 << 20
  /// SETTINGS_MAX_HEADER_LIST_SIZE in bytes, counted as RFC 9113 section 6.5.2 does: name, value and 32 for each field.
  package var maxHeaderListBytes: Int = 16_384
  /// The answers to PING and SETTINGS frames that may wait for the peer to read them.
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
