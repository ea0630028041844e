import CNghttp2

extension HTTP2Session {
  /// Opens a stream and returns its id; client only.
  ///
  /// The request waits inside the session while the peer's concurrency limit is reached. A request that is never sent
  /// ends with a ``HTTP2Event/streamClosed(streamID:code:)`` of `refusedStream`. Throws `noStreamID` when the ids are
  /// used up.
  package mutating func submitRequest(_ fields: [HTTP2Field], endStream: Bool = false) throws(HTTP2Error) -> Int32 {
    let stream = OutboundStream(ending: endStream ? .endStream : .open)
    var provider = nghttp2_data_provider(stream)
    let session = self.session
    let streamID = withNameValues(fields) { pairs, count in
      endStream
        ? nghttp2_submit_request(session, nil, pairs, count, nil, nil)
        : nghttp2_submit_request(session, nil, pairs, count, &provider, nil)
    }
    try check("request", streamID)
    self.recorder.pointee.outbound[streamID] = stream
    return streamID
  }

  /// Answers a request; with `endStream` the fields are all there is. Server only, once a stream.
  package mutating func submitResponse(
    streamID: Int32, fields: [HTTP2Field], endStream: Bool = false
  ) throws(HTTP2Error) {
    try self.submitResponse(streamID: streamID, headers: HTTP2Section(nil, fields), endStream: endStream)
  }

  /// Answers a request; with `endStream` the section is all there is. Server only, once a stream.
  package mutating func submitResponse(
    streamID: Int32, headers: HTTP2Section, endStream: Bool = false
  ) throws(HTTP2Error) {
    try self.submitResponse(streamID, headers, OutboundStream(ending: endStream ? .endStream : .open))
  }

  /// Answers a request with one payload, all at once. Server only, once a stream.
  package mutating func submitResponse(
    streamID: Int32, headers: HTTP2Section, prefix: HTTP2DataPrefix, bytes: [UInt8], trailers: HTTP2Section
  ) throws(HTTP2Error) {
    let stream = OutboundStream(ending: .trailers(trailers))
    stream.append(bytes, prefix: prefix)
    try self.submitResponse(streamID, headers, stream)
  }

  private mutating func submitResponse(
    _ streamID: Int32, _ headers: HTTP2Section, _ stream: OutboundStream
  ) throws(HTTP2Error) {
    // A second response on one stream is undefined behaviour in nghttp2.
    guard self.recorder.pointee.outbound[streamID] == nil else {
      throw HTTP2Error(.invalidState, "response: already submitted")
    }
    guard nghttp2_session_find_stream(self.session, streamID) != nil else {
      throw HTTP2Error(.invalidStream, "response: no such stream")
    }
    var provider = nghttp2_data_provider(stream)
    let session = self.session
    let hasNoData = if case .endStream = stream.ending { stream.pendingBytes == 0 } else { false }
    let result = withNameValues(headers) { pairs, count in
      hasNoData
        ? nghttp2_submit_response(session, streamID, pairs, count, nil)
        : nghttp2_submit_response(session, streamID, pairs, count, &provider)
    }
    try check("response", result)
    self.recorder.pointee.outbound[streamID] = stream
  }

  /// Queues payload after the headers, with a prefix if given; throws `invalidStream` when the stream is closed or was
  /// ended.
  package mutating func write(
    streamID: Int32, prefix: HTTP2DataPrefix = .empty, bytes: [UInt8]
  ) throws(HTTP2Error) {
    let stream = try self.openOutbound(streamID)
    stream.append(bytes, prefix: prefix)
    try self.wake(stream, streamID)
  }

  /// Ends this side of a stream after its pending bytes, with a trailer section if given.
  package mutating func finish(streamID: Int32, trailers: [HTTP2Field]? = nil) throws(HTTP2Error) {
    let stream = try self.openOutbound(streamID)
    if let trailers {
      try self.finish(stream, streamID, HTTP2Section(nil, trailers))
    } else {
      stream.ending = .endStream
      try self.wake(stream, streamID)
    }
  }

  /// Ends this side of a stream after its pending bytes, with a trailer section.
  package mutating func finish(streamID: Int32, trailers: HTTP2Section) throws(HTTP2Error) {
    try self.finish(self.openOutbound(streamID), streamID, trailers)
  }

  /// Ends this side of a stream at once with a trailer section, in place of the writes of which nothing was sent.
  ///
  /// Returns false, and does nothing, when a write is partly sent.
  package mutating func finishNow(streamID: Int32, trailers: HTTP2Section) throws(HTTP2Error) -> Bool {
    let stream = try self.openOutbound(streamID)
    guard !stream.isWithinChunk else { return false }
    stream.discardPending()
    try self.finish(stream, streamID, trailers)
    return true
  }

  private mutating func finish(
    _ stream: OutboundStream, _ streamID: Int32, _ trailers: HTTP2Section
  ) throws(HTTP2Error) {
    // A client's request may not be sent yet, and its headers come first.
    guard self.role == .server, stream.pendingBytes == 0 else {
      stream.ending = .trailers(trailers)
      return try self.wake(stream, streamID)
    }
    stream.ending = .endStream
    // Not left to the data provider, which isn't asked while the peer's window is closed; that holds back DATA alone
    // (RFC 9113 section 5.2.1).
    let session = self.session
    try check("trailers", withNameValues(trailers) { nghttp2_submit_trailer(session, streamID, $0, $1) })
  }

  /// The payload bytes that the stream has still to send; 0 for a stream that is gone.
  package func pendingBytes(streamID: Int32) -> Int {
    self.recorder.pointee.outbound[streamID]?.pendingBytes ?? 0
  }

  /// Ends a stream at once in both directions. Nothing happens when it is closed or was reset already.
  package mutating func reset(streamID: Int32, code: HTTP2ErrorCode) throws(HTTP2Error) {
    // nghttp2 would send a reset of a stream that was taken back before it was sent, by the first reset of it, and the
    // peer end the connection because the stream is idle.
    if let stream = self.recorder.pointee.outbound[streamID] {
      guard !stream.isReset else { return }
      stream.isReset = true
      stream.discardPending()
    } else if nghttp2_session_find_stream(self.session, streamID) == nil {
      return
    }
    try check("reset", nghttp2_submit_rst_stream(self.session, 0, streamID, code.rawValue))
    if self.role == .server {
      // Until the reset is serialized nghttp2 ignores that the peer ends the stream, too, and takes the next one that
      // the peer opens for one too many.
      let session = self.session
      try self.seal { _ in nghttp2_session_find_stream(session, streamID) != nil }
    }
  }

  /// Tells that the application took `count` payload bytes of a stream, so that the peer may send as many more on it.
  package mutating func consumeStream(_ streamID: Int32, count: Int) throws(HTTP2Error) {
    try check("consume", nghttp2_session_consume_stream(self.session, streamID, count))
  }

  /// Tells that `count` payload bytes no longer count against the connection's window.
  package mutating func consumeConnection(count: Int) throws(HTTP2Error) {
    try check("consume", nghttp2_session_consume_connection(self.session, count))
  }

  /// Sends a PING; its answer is a ``HTTP2Event/pingAcknowledged(payload:)``.
  package mutating func ping(payload: UInt64) throws(HTTP2Error) {
    let session = self.session
    let result = withUnsafeBytes(of: payload) { bytes in
      nghttp2_submit_ping(session, 0, bytes.bindMemory(to: UInt8.self).baseAddress)
    }
    try check("ping", result)
  }

  private func openOutbound(_ streamID: Int32) throws(HTTP2Error) -> OutboundStream {
    guard let stream = self.recorder.pointee.outbound[streamID], !stream.isReset else {
      throw HTTP2Error(.invalidStream, "write: stream is closed")
    }
    guard case .open = stream.ending else {
      throw HTTP2Error(.invalidStream, "write: stream was ended")
    }
    return stream
  }

  private func wake(_ stream: OutboundStream, _ streamID: Int32) throws(HTTP2Error) {
    guard stream.isDeferred else { return }
    stream.isDeferred = false
    try check("resume", nghttp2_session_resume_data(self.session, streamID))
  }
}

/// Whether nghttp2's peers accept a field: a name of RFC 9113 section 8.2.1 and a value without control characters.
package func isValidHTTP2Field(name: String, value: String) -> Bool {
  var name = name
  var value = value
  let nameIsValid = name.withUTF8 { nghttp2_check_header_name($0.baseAddress, $0.count) != 0 }
  return nameIsValid && value.withUTF8 { nghttp2_check_header_value_rfc9113($0.baseAddress, $0.count) != 0 }
}
