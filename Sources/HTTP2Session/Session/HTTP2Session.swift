import CNghttp2

/// One HTTP/2 connection without its socket: bytes in, events and bytes out, over nghttp2.
///
/// Not for use by two threads at once. The owner feeds what it read to ``receive(_:)``, takes the events, submits what
/// it wants sent, and writes what ``drain(upTo:_:)`` hands out; sending produces events too. Receive windows open only
/// through ``consumeStream(_:count:)`` and ``consumeConnection(count:)``, so a reader that stops stops the writer.
package struct HTTP2Session: ~Copyable {
  let session: OpaquePointer
  let recorder: UnsafeMutablePointer<SessionRecorder>
  package let role: HTTP2Role
  /// Serialized bytes that come before all that nghttp2 still has to send.
  var sealed: [UInt8] = []
  var sealedFrames = 0
  private var scanner: FrameScanner

  /// Creates a session whose preface and SETTINGS are ready to drain.
  package init(role: HTTP2Role, configuration: HTTP2Configuration = HTTP2Configuration()) throws(HTTP2Error) {
    let configuration = configuration.clamped
    let recorder = UnsafeMutablePointer<SessionRecorder>.allocate(capacity: 1)
    recorder.initialize(to: SessionRecorder(role: role, configuration))
    let session: OpaquePointer
    do throws(HTTP2Error) {
      session = try makeSession(role: role, recorder: recorder, configuration: configuration)
    } catch {
      recorder.deinitialize(count: 1).deallocate()
      throw error
    }
    do throws(HTTP2Error) {
      if let streamID = configuration.firstStreamID {
        try check("first stream", nghttp2_session_set_next_stream_id(session, streamID))
      }
      try submitSettings(session, role, configuration)
    } catch {
      nghttp2_session_del(session)
      recorder.deinitialize(count: 1).deallocate()
      throw error
    }
    self.role = role
    self.scanner = FrameScanner(preface: role == .server ? Int(NGHTTP2_CLIENT_MAGIC_LEN) : 0)
    self.recorder = recorder
    self.session = session
  }

  deinit {
    nghttp2_session_del(self.session)
    self.recorder.deinitialize(count: 1).deallocate()
  }

  /// Whether the connection still expects bytes; false with ``wantsWrite`` false means that it is over.
  package var wantsRead: Bool { nghttp2_session_want_read(self.session) != 0 }

  /// Whether there is something to drain.
  package var wantsWrite: Bool { !self.sealed.isEmpty || nghttp2_session_want_write(self.session) != 0 }

  /// Whether nothing more happens on the connection; what was serialized before is still to drain.
  package var isOver: Bool { !self.wantsRead && nghttp2_session_want_write(self.session) == 0 }

  /// The streams that the peer lets this side have open at once; 100 before its SETTINGS arrive.
  package var peerMaxConcurrentStreams: UInt32 {
    nghttp2_session_get_remote_settings(self.session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
  }

  /// The largest header list that the peer takes, in bytes as RFC 9113 section 6.5.2 counts; any before its SETTINGS.
  package var peerMaxHeaderListBytes: Int {
    Int(nghttp2_session_get_remote_settings(self.session, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE))
  }

  /// The highest stream id of the peer that was seen, for the last GOAWAY.
  package var lastProcessedStreamID: Int32 { nghttp2_session_get_last_proc_stream_id(self.session) }

  /// Processes all of `bytes`.
  ///
  /// What is processed in pieces has an `offset`: how many bytes came before this piece in the memory that it is a part
  /// of, from whose begin the ranges of ``HTTP2Event/data(streamID:range:)`` count.
  ///
  /// Events are recorded up to the first error. A peer's violation usually isn't an error here: nghttp2 queues the
  /// GOAWAY and ``wantsRead`` turns false. Throws an error that is fatal when the bytes aren't HTTP/2 or the peer
  /// floods.
  package mutating func receive(_ bytes: UnsafeRawBufferPointer, offset piece: Int = 0) throws(HTTP2Error) {
    let base = bytes.bindMemory(to: UInt8.self).baseAddress.map { $0 - piece }
    self.recorder.pointee.receivedBase = base
    self.recorder.pointee.beginReceiving()
    defer {
      self.recorder.pointee.receivedBase = nil
      self.recorder.pointee.endReceiving()
    }
    self.recorder.pointee.history.beginReceiving()
    var fed = 0
    var offset = 0
    while true {
      let isResumed = self.scanner.heldCount > 0
      guard let frame = self.scanner.next(in: bytes, at: &offset) else { break }
      self.recorder.pointee.found(frame)
      if self.recorder.pointee.history.mustLookUp(frame) {
        // The frames before this one decide whether its stream is open.
        let start = isResumed ? fed : offset - FrameHeader.size
        try self.feed(UnsafeRawBufferPointer(rebasing: bytes[fed..<start]))
        fed = start
        if let code = self.violation(frame) {
          return try self.terminate(code: code)
        }
      }
      if isResumed {
        try self.scanner.lastHeader.withUnsafeBytes { header in
          Result { () throws(HTTP2Error) in try self.feed(header) }
        }.get()
        fed = offset
      }
    }
    // nghttp2 takes each part of a cut header for one more CONTINUATION, of which it allows few.
    let end = bytes.count - min(self.scanner.heldCount, bytes.count - fed)
    try self.feed(UnsafeRawBufferPointer(rebasing: bytes[fed..<end]))
    try self.checkFlood()
  }

  private func feed(_ bytes: UnsafeRawBufferPointer) throws(HTTP2Error) {
    let base = bytes.bindMemory(to: UInt8.self).baseAddress
    var offset = 0
    while let base, offset < bytes.count {
      let count = http2_session_receive(self.session, base + offset, bytes.count - offset)
      guard count > 0 else {
        throw HTTP2Error("receive", count == 0 ? Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) : count)
      }
      offset += count
    }
  }

  /// The connection error that a frame is which nghttp2 would accept or ignore; nil for any other.
  private func violation(_ frame: FrameHeader) -> HTTP2ErrorCode? {
    guard !frame.isPushPromise else {
      // Requests follow the SETTINGS that disable push, so no promise can have crossed them (RFC 9113 section 8.4).
      return .protocolError
    }
    guard nghttp2_session_get_stream_remote_close(self.session, frame.streamID) < 0 else {
      self.recorder.pointee.history.found(frame)
      return nil
    }
    return self.recorder.pointee.history.violation(onClosed: frame.streamID, lastProcessed: self.lastProcessedStreamID)
  }

  /// Takes the events since the last call.
  package mutating func takeEvents() -> [HTTP2Event] {
    self.recorder.pointee.takeEvents()
  }

  /// Gives back what ``takeEvents()`` returned once it was looked at, so that its memory serves the next events.
  package mutating func reuse(_ events: consuming [HTTP2Event]) {
    self.recorder.pointee.reuse(events)
  }

  /// Hands out serialized bytes until there are none or at least `limit` were given; the pointer is valid for the call
  /// only.
  ///
  /// Returns the number of bytes given. Throws only fatal errors.
  @discardableResult
  package mutating func drain(
    upTo limit: Int = .max, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(HTTP2Error) -> Int {
    var total = self.sealed.count
    if total > 0 {
      self.sealed.withUnsafeBytes(body)
      self.sealed = []
      self.sealedFrames = 0
    }
    while total < limit {
      var bytes: UnsafePointer<UInt8>?
      let count = http2_session_send(self.session, &bytes)
      guard count >= 0 else { throw HTTP2Error("send", count) }
      guard count > 0 else { break }
      body(UnsafeRawBufferPointer(start: bytes, count: count))
      total += count
    }
    return total
  }

  /// Appends everything that is ready to send to `bytes`.
  package mutating func drain(into bytes: inout [UInt8]) throws(HTTP2Error) {
    try self.drain { bytes.append(contentsOf: $0) }
  }
}

extension nghttp2_settings_entry {
  fileprivate init(_ id: nghttp2_settings_id, _ value: UInt32) {
    self.init(settings_id: Int32(id.rawValue), value: value)
  }
}

/// Throws unless an nghttp2 call succeeded.
func check(_ operation: StaticString, _ code: Int32) throws(HTTP2Error) {
  if code < 0 {
    throw HTTP2Error(operation, Int(code))
  }
}

private func makeSession(
  role: HTTP2Role, recorder: UnsafeMutablePointer<SessionRecorder>, configuration: HTTP2Configuration
) throws(HTTP2Error) -> OpaquePointer {
  var callbacks: OpaquePointer?
  try check("callbacks", nghttp2_session_callbacks_new(&callbacks))
  guard let callbacks else { throw HTTP2Error(.outOfMemory, "no callbacks") }
  defer { nghttp2_session_callbacks_del(callbacks) }
  setCallbacks(callbacks)

  var option: OpaquePointer?
  try check("options", nghttp2_option_new(&option))
  guard let option else { throw HTTP2Error(.outOfMemory, "no options") }
  defer { nghttp2_option_del(option) }
  nghttp2_option_set_no_auto_window_update(option, 1)
  // Closed streams are kept only for the RFC 7540 priority tree, which nobody uses.
  nghttp2_option_set_no_closed_streams(option, 1)
  setLimits(option, configuration)

  // The session's owner holds the recorder, too, and frees the session first.
  let userData = UnsafeMutableRawPointer(recorder)
  var session: OpaquePointer?
  switch role {
  case .client: try check("session", nghttp2_session_client_new2(&session, callbacks, userData, option))
  case .server: try check("session", nghttp2_session_server_new2(&session, callbacks, userData, option))
  }
  guard let session else { throw HTTP2Error(.outOfMemory, "no session") }
  return session
}

private func submitSettings(
  _ session: OpaquePointer, _ role: HTTP2Role, _ configuration: HTTP2Configuration
) throws(HTTP2Error) {
  var entries = [
    nghttp2_settings_entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, UInt32(configuration.streamWindowBytes)),
    nghttp2_settings_entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(clamping: configuration.maxHeaderListBytes)),
  ]
  switch role {
  case .server:
    entries.append(nghttp2_settings_entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, configuration.maxConcurrentStreams))
  case .client:
    entries.append(nghttp2_settings_entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
  }
  try check("settings", nghttp2_submit_settings(session, 0, entries, entries.count))
  try check(
    "connection window",
    nghttp2_session_set_local_window_size(session, 0, 0, configuration.connectionWindowBytes))
}
