import CNghttp2

extension HTTP2Session {
  /// Serializes what is queued while `isWaiting`, for what counts only once it is serialized and can't wait for a drain.
  ///
  /// What is queued are few frames without payload; DATA comes after them.
  mutating func seal(while isWaiting: () -> Bool) throws(HTTP2Error) {
    while isWaiting() {
      var bytes: UnsafePointer<UInt8>?
      let count = http2_session_send(self.session, &bytes)
      guard count >= 0 else { throw HTTP2Error("send", count) }
      guard count > 0 else { return }
      self.sealed.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
      self.sealedFrames += 1
    }
  }
}
