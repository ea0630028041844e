import CNghttp2

// nghttp2 calls these while it receives or sends. They record and never call back into receive or send, which nghttp2
// doesn't survive (its issues 1244 and 1590).

/// Registers every callback; the user data of each is the ``SessionRecorder``.
func setCallbacks(_ callbacks: OpaquePointer) {
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, onBeginHeaders)
  nghttp2_session_callbacks_set_on_header_callback(callbacks, onHeader)
  nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, onInvalidHeader)
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, onInvalidFrame)
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, onFrameReceived)
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, onDataChunk)
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, onStreamClose)
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, onFrameSent)
  nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, onFrameNotSent)
}

private func recorder(_ userData: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<SessionRecorder>? {
  userData?.assumingMemoryBound(to: SessionRecorder.self)
}

private func isType(_ header: nghttp2_frame_hd, _ type: nghttp2_frame_type) -> Bool {
  UInt32(header.type) == UInt32(type.rawValue)
}

private func hasFlag(_ header: nghttp2_frame_hd, _ flag: nghttp2_flag) -> Bool {
  UInt32(header.flags) & UInt32(flag.rawValue) != 0
}

private let callbackFailure = NGHTTP2_ERR_CALLBACK_FAILURE.rawValue

private func onBeginHeaders(
  _: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, userData: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame, let recorder = recorder(userData) else { return callbackFailure }
  recorder.pointee.beginHeaders(streamID: frame.pointee.hd.stream_id)
  return 0
}

private func onHeader(
  _: OpaquePointer?, frame _: UnsafePointer<nghttp2_frame>?,
  name: UnsafePointer<UInt8>?, nameCount: Int, value: UnsafePointer<UInt8>?, valueCount: Int, flags _: UInt8,
  userData: UnsafeMutableRawPointer?
) -> Int32 {
  guard let recorder = recorder(userData) else { return callbackFailure }
  recorder.pointee.header(
    name: UnsafeBufferPointer(start: name, count: nameCount),
    value: UnsafeBufferPointer(start: value, count: valueCount))
  return 0
}

/// Makes a section with a field that nghttp2 would leave out malformed, as RFC 9113 section 8.2.1 demands.
private func onInvalidHeader(
  _: OpaquePointer?, frame _: UnsafePointer<nghttp2_frame>?,
  name _: UnsafePointer<UInt8>?, nameCount _: Int, value _: UnsafePointer<UInt8>?, valueCount _: Int, flags _: UInt8,
  userData _: UnsafeMutableRawPointer?
) -> Int32 {
  NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
}

/// nghttp2 answers the frame with a reset; it may never have opened the stream.
private func onInvalidFrame(
  _: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, errorCode _: Int32, userData: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame, let recorder = recorder(userData) else { return callbackFailure }
  if isType(frame.pointee.hd, NGHTTP2_HEADERS) {
    recorder.pointee.history.abandoned(frame.pointee.hd.stream_id)
  }
  return 0
}

private func onFrameReceived(
  _: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, userData: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame, let recorder = recorder(userData) else { return callbackFailure }
  let header = frame.pointee.hd
  recorder.pointee.received(header)
  if isType(header, NGHTTP2_HEADERS) {
    recorder.pointee.endHeaders(streamID: header.stream_id, endStream: hasFlag(header, NGHTTP2_FLAG_END_STREAM))
  } else if isType(header, NGHTTP2_DATA) {
    if hasFlag(header, NGHTTP2_FLAG_END_STREAM) {
      recorder.pointee.events.append(.endStream(streamID: header.stream_id))
    }
  } else if isType(header, NGHTTP2_SETTINGS) {
    if !hasFlag(header, NGHTTP2_FLAG_ACK) {
      recorder.pointee.events.append(.settings)
    }
  } else if isType(header, NGHTTP2_PING) {
    if hasFlag(header, NGHTTP2_FLAG_ACK) {
      let payload = withUnsafeBytes(of: frame.pointee.ping.opaque_data) { $0.loadUnaligned(as: UInt64.self) }
      recorder.pointee.events.append(.pingAcknowledged(payload: payload))
    }
  } else if isType(header, NGHTTP2_GOAWAY) {
    let goAway = frame.pointee.goaway
    recorder.pointee.history.goAwayStreamID = goAway.last_stream_id
    let debugData = UnsafeBufferPointer(start: goAway.opaque_data, count: goAway.opaque_data_len)
    recorder.pointee.events.append(
      .goAway(
        lastStreamID: goAway.last_stream_id, code: HTTP2ErrorCode(rawValue: goAway.error_code),
        saysTooManyPings: debugData.elementsEqual("too_many_pings".utf8)))
  }
  return 0
}

private func onDataChunk(
  _: OpaquePointer?, flags _: UInt8, streamID: Int32, bytes: UnsafePointer<UInt8>?, count: Int,
  userData: UnsafeMutableRawPointer?
) -> Int32 {
  guard let bytes, let recorder = recorder(userData) else { return callbackFailure }
  return recorder.pointee.data(streamID: streamID, start: bytes, count: count) ? 0 : callbackFailure
}

private func onStreamClose(
  _: OpaquePointer?, streamID: Int32, code: UInt32, userData: UnsafeMutableRawPointer?
) -> Int32 {
  guard let recorder = recorder(userData) else { return callbackFailure }
  recorder.pointee.closed(streamID)
  recorder.pointee.events.append(.streamClosed(streamID: streamID, code: HTTP2ErrorCode(rawValue: code)))
  return 0
}

private func onFrameSent(
  session: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, userData: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame, let recorder = recorder(userData) else { return callbackFailure }
  let header = frame.pointee.hd
  recorder.pointee.sent(frame.pointee)
  if isType(header, NGHTTP2_RST_STREAM) {
    if nghttp2_session_get_stream_remote_close(session, header.stream_id) != 1 {
      recorder.pointee.history.abandoned(header.stream_id)
    }
    guard frame.pointee.rst_stream.error_code == NGHTTP2_FLOW_CONTROL_ERROR.rawValue else { return 0 }
    // Only nghttp2 finds this error. It resets a stream even for a changed initial window, which RFC 9113 section 6.9.2
    // makes an error of the connection; the other cases may be one, too.
    return nghttp2_session_terminate_session(session, NGHTTP2_FLOW_CONTROL_ERROR.rawValue)
  }
  if isType(header, NGHTTP2_GOAWAY) {
    recorder.pointee.refusedAbove = frame.pointee.goaway.last_stream_id
    return 0
  }
  let isHeaders = isType(header, NGHTTP2_HEADERS)
  if isHeaders, recorder.pointee.history.role == .client {
    recorder.pointee.history.began(header.stream_id)
  }
  guard hasFlag(header, NGHTTP2_FLAG_END_STREAM), isHeaders || isType(header, NGHTTP2_DATA),
    nghttp2_session_get_stream_remote_close(session, header.stream_id) == 0
  else { return 0 }
  recorder.pointee.events.append(.endStreamSent(streamID: header.stream_id))
  return 0
}

private func onFrameNotSent(
  _: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, errorCode: Int32, userData: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame, let recorder = recorder(userData) else { return callbackFailure }
  if isType(frame.pointee.hd, NGHTTP2_HEADERS) {
    recorder.pointee.events.append(.headersNotSent(streamID: frame.pointee.hd.stream_id))
  }
  return 0
}

extension nghttp2_data_provider {
  /// Reads what a stream has to send.
  ///
  /// The recorder holds the stream until nghttp2 has closed it, after which it asks for nothing more.
  init(_ stream: OutboundStream) {
    self.init(
      source: nghttp2_data_source(ptr: Unmanaged.passUnretained(stream).toOpaque()), read_callback: readPendingBytes)
  }
}

/// The data provider of every stream: takes from the stream's pending bytes, and rests when there are none.
private func readPendingBytes(
  session: OpaquePointer?, streamID: Int32, buffer: UnsafeMutablePointer<UInt8>?, capacity: Int,
  flags: UnsafeMutablePointer<UInt32>?, source: UnsafeMutablePointer<nghttp2_data_source>?,
  userData: UnsafeMutableRawPointer?
) -> Int {
  guard let flags, let recorder = recorder(userData), let pointer = source?.pointee.ptr else {
    return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
  }
  let stream = Unmanaged<OutboundStream>.fromOpaque(pointer).takeUnretainedValue()
  let takenBefore = stream.takenChunks
  let count = stream.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: capacity))
  if count > 0 {
    recorder.pointee.events.append(
      .dataTaken(streamID: streamID, count: count, writes: stream.takenChunks - takenBefore))
    recorder.pointee.flood.sentData(count, isCutShort: stream.pendingBytes > 0)
  }
  guard stream.pendingBytes == 0 else { return count }
  switch stream.ending {
  case .open:
    guard count == 0 else { return count }
    stream.isDeferred = true
    return Int(NGHTTP2_ERR_DEFERRED.rawValue)
  case .endStream:
    flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
  case .trailers(let section):
    // Submitting trailers from here is what nghttp2 documents for them.
    flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue | NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
    let result = withNameValues(section) { nghttp2_submit_trailer(session, streamID, $0, $1) }
    guard result == 0 else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
  }
  return count
}
