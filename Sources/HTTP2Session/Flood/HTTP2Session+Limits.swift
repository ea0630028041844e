import CNghttp2

extension HTTP2Session {
  /// The PING frames received that aren't answers.
  package var pingsReceived: UInt64 { self.recorder.pointee.flood.pingsReceived }

  /// The HEADERS and DATA frames sent.
  package var callFramesSent: UInt64 { self.recorder.pointee.flood.callFramesSent }

  /// Whether the peer has taken this side's SETTINGS, from when on it must respect them.
  package var isConfigured: Bool { self.recorder.pointee.flood.settingsAcknowledged > 0 }

  /// The number of the header section that has begun and isn't complete; nil between sections.
  package var incompleteHeaderSection: UInt64? { self.recorder.pointee.incompleteHeaderSection }

  /// The memory that the session itself holds for received fields, in bytes.
  package var heldFieldBytes: Int { self.recorder.pointee.heldFieldBytes }

  /// Throws a fatal error, with a GOAWAY of ENHANCE_YOUR_CALM ready to drain, when the peer floods: it sends frames
  /// that move nothing, resets too many calls, or makes this side queue more than it takes.
  mutating func checkFlood() throws(HTTP2Error) {
    self.recorder.pointee.flood.receivedBurst()
    let queued = self.sealedFrames + nghttp2_session_get_outbound_queue_size(self.session)
    guard self.recorder.pointee.flood.isFlooded || queued > self.recorder.pointee.maxQueuedFrames else { return }
    try self.role == .server ? self.submitGoAway(code: .enhanceYourCalm) : self.terminate(code: .enhanceYourCalm)
    throw HTTP2Error(.connectionFailed, "receive: the peer floods the connection")
  }
}

/// Sets the limits that nghttp2 enforces by itself; it also takes at most 8 CONTINUATION frames a section
/// (CVE-2024-28182) and 32 entries a SETTINGS frame.
func setLimits(_ option: OpaquePointer, _ configuration: HTTP2Configuration) {
  nghttp2_option_set_max_outbound_ack(option, configuration.maxQueuedAcknowledgements)
  // The flood guard counts resets. nghttp2 would queue a GOAWAY and serve the streams above its id until that is sent.
  nghttp2_option_set_stream_reset_rate_limit(option, .max, .max)
}
