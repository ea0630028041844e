/// Which end of a connection a session is.
package enum HTTP2Role: Sendable, Hashable {
  case client
  case server
}

/// Something that a session noticed while it received or sent bytes.
package enum HTTP2Event: Sendable, Hashable {
  /// A whole header or trailer section.
  case headers(streamID: Int32, fields: HTTP2Fields, endStream: Bool)
  /// A header section beyond ``HTTP2Configuration/maxHeaderListBytes``; its fields were dropped.
  case headerListTooLarge(streamID: Int32, endStream: Bool)
  /// Payload bytes, as offsets into the bytes given to the `receive` call that produced the event.
  case data(streamID: Int32, range: Range<Int>)
  /// A DATA frame ended the peer's side of the stream.
  case endStream(streamID: Int32)
  /// The stream is gone; `noError` when both sides ended it, else the code of the reset.
  case streamClosed(streamID: Int32, code: HTTP2ErrorCode)
  /// This side's end of stream was sent while the peer's side is still open.
  case endStreamSent(streamID: Int32)
  /// Bytes left the stream's pending buffer, and with them the last ones of `writes` writes.
  case dataTaken(streamID: Int32, count: Int, writes: Int)
  /// A header or trailer section could not be sent, for example because it is too large.
  case headersNotSent(streamID: Int32)
  /// The peer's SETTINGS, which may have changed ``HTTP2Session/peerMaxConcurrentStreams``.
  case settings
  /// The answer to a ping of ours, with its payload.
  case pingAcknowledged(payload: UInt64)
  /// The peer accepts no stream above the id. `saysTooManyPings`: its debug data are those that gRFC A8 gives a
  /// meaning.
  case goAway(lastStreamID: Int32, code: HTTP2ErrorCode, saysTooManyPings: Bool)
}
