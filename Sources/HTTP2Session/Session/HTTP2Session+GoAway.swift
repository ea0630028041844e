import CNghttp2

extension HTTP2Session {
  /// Warns that a GOAWAY is near without refusing anything yet (RFC 9113 section 6.8); server only.
  package mutating func submitShutdownNotice() throws(HTTP2Error) {
    try check("shutdown notice", nghttp2_submit_shutdown_notice(self.session))
  }

  /// Refuses streams that aren't known yet; the open ones go on, and the session is over after the last. Server only.
  ///
  /// From here on nothing is heard of a stream above the id that the peer will read, however late that is drained: the
  /// peer may repeat it elsewhere (RFC 9113 section 6.8). `debugData` is for the peer's log; at most 16 KiB of it can
  /// be sent.
  ///
  /// Throws `invalidState` for a client, which has nothing to refuse: it simply requests nothing more, and a GOAWAY
  /// would make nghttp2 deaf while none of its requests is sent.
  package mutating func submitGoAway(
    code: HTTP2ErrorCode = .noError, debugData: String = ""
  ) throws(HTTP2Error) {
    guard self.role == .server else { throw HTTP2Error(.invalidState, "goaway: only a server refuses streams") }
    let lastStreamID = self.lastProcessedStreamID
    let session = self.session
    var text = debugData
    let result = text.withUTF8 { bytes in
      nghttp2_submit_goaway(session, 0, lastStreamID, code.rawValue, bytes.baseAddress, bytes.count)
    }
    try check("goaway", result)
    // Only a GOAWAY that was serialized makes nghttp2 ignore streams above its id, and name none above it in any later
    // one.
    let recorder = self.recorder
    try self.seal { _ in recorder.pointee.refusedAbove != lastStreamID }
  }

  /// Sends a GOAWAY after which the session is over, open streams included; nothing more is received.
  package mutating func terminate(code: HTTP2ErrorCode) throws(HTTP2Error) {
    try check("terminate", nghttp2_session_terminate_session(self.session, code.rawValue))
  }
}
