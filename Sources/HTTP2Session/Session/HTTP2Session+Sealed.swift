import CNghttp2

extension HTTP2Session {
  /// The bytes from which on nothing further is serialized that can wait.
  private static let maxSealedBytes = 1 << 16

  /// Forgets what was to be sent, as there is nobody to send it to any more.
  package mutating func discardPending() {
    self.sealed = []
    self.sealedFrames = 0
    for stream in self.recorder.pointee.outbound.values {
      stream.discardPending()
    }
  }

  /// Serializes the frames that come before DATA, so that an end of the session which they bring doesn't wait for a
  /// peer that takes nothing: a GOAWAY that nghttp2 sends on a violation counts only once it is serialized.
  ///
  /// However much was serialized, one frame more is each time: after an end nothing else comes before its GOAWAY. A
  /// client's requests are left queued while its session goes on, as they may still be made elsewhere.
  package mutating func sealQueuedFrames() throws(HTTP2Error) {
    guard self.role == .server || nghttp2_session_check_request_allowed(self.session) == 0 else { return }
    let session = self.session
    var isFirst = true
    try self.seal { byteCount in
      defer { isFirst = false }
      return (isFirst || byteCount < Self.maxSealedBytes) && nghttp2_session_get_outbound_queue_size(session) > 0
    }
  }

  /// Serializes what is queued while `isWaiting`, which is told of how many bytes then wait, for what counts only once
  /// it is serialized and can't wait for a drain. DATA comes after all that.
  mutating func seal(while isWaiting: (_ byteCount: Int) -> Bool) throws(HTTP2Error) {
    while isWaiting(self.sealed.count) {
      var bytes: UnsafePointer<UInt8>?
      let count = http2_session_send(self.session, &bytes)
      guard count >= 0 else { throw HTTP2Error("send", count) }
      guard count > 0 else { return }
      self.sealed.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
      self.sealedFrames += 1
    }
  }
}
