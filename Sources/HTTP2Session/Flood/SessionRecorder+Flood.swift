import CNghttp2

extension SessionRecorder {
  /// Counts a frame by its header if nghttp2 may drop it without a word.
  mutating func found(_ frame: FrameHeader) {
    if frame.mayBeDropped {
      self.flood.receivedControl()
    }
  }

  /// Counts a frame that was received whole.
  mutating func received(_ header: nghttp2_frame_hd) {
    let isAcknowledgement = UInt32(header.flags) & UInt32(NGHTTP2_FLAG_ACK.rawValue) != 0
    switch nghttp2_frame_type(rawValue: UInt32(header.type)) {
    case NGHTTP2_DATA:
      let endsStream = UInt32(header.flags) & UInt32(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
      self.flood.receivedData(isEmpty: !self.hasReceivedPayload && !endsStream)
      self.hasReceivedPayload = false
    case NGHTTP2_HEADERS: self.flood.receivedHeaders()
    case NGHTTP2_PING where !isAcknowledgement: self.flood.receivedPing()
    case NGHTTP2_SETTINGS where isAcknowledgement: self.flood.receivedSettingsAcknowledgement()
    case NGHTTP2_PRIORITY, NGHTTP2_WINDOW_UPDATE:
      // Their headers were counted.
      break
    case NGHTTP2_RST_STREAM: self.flood.receivedReset()
    default: self.flood.receivedControl()
    }
  }

  /// Counts a frame that was sent, DATA aside.
  mutating func sent(_ frame: nghttp2_frame) {
    switch nghttp2_frame_type(rawValue: UInt32(frame.hd.type)) {
    case NGHTTP2_HEADERS: self.flood.sentHeaders()
    case NGHTTP2_RST_STREAM: self.flood.sentReset(HTTP2ErrorCode(rawValue: frame.rst_stream.error_code))
    default: break
    }
  }
}

extension FrameHeader {
  /// Whether nghttp2 drops frames of the type that are on streams that are gone, or renounced, or that it doesn't know.
  fileprivate var mayBeDropped: Bool {
    let type = UInt32(self.type)
    return type == NGHTTP2_PRIORITY.rawValue || type == NGHTTP2_WINDOW_UPDATE.rawValue
      || type > NGHTTP2_CONTINUATION.rawValue
  }
}
