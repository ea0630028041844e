import CNghttp2

/// What is remembered of streams that are gone, which nghttp2 forgets: enough to tell a peer that uses one wrongly from
/// one whose frames crossed a reset.
///
/// Bounded: beyond the limits the doubt is for the peer.
struct StreamHistory {
  /// The highest stream that was begun: by the peer for a server, by this side for a client.
  private(set) var highestStreamID: Int32 = 0
  /// The peer accepts no stream of this side's above it.
  var goAwayStreamID = Int32.max
  /// Ids that the peer passed over, which closed them unused.
  private var skipped: [ClosedRange<Int32>] = []
  /// Streams that this side refused or reset while the peer could still send on them.
  private var abandoned: [Int32] = []
  /// Up to here some streams of that kind were forgotten.
  private var forgottenStreamID: Int32 = 0
  /// A stream that is known to be open to the peer for the rest of the bytes being received.
  private var openStreamID: Int32 = 0
  let role: HTTP2Role

  private static let maxSkipped = 16
  private static let maxAbandoned = 128

  init(role: HTTP2Role) {
    self.role = role
  }

  /// Sending may have closed streams since the last bytes were received.
  mutating func beginReceiving() {
    self.openStreamID = 0
  }

  /// Whether the stream of a frame has to be looked up before nghttp2 sees the frame.
  mutating func mustLookUp(_ frame: FrameHeader) -> Bool {
    guard frame.isData || frame.isHeaders else {
      if frame.streamID == self.openStreamID {
        // It may be a reset.
        self.openStreamID = 0
      }
      return frame.isPushPromise
    }
    // Streams with an even id are the server's, and it has none.
    guard !frame.streamID.isMultiple(of: 2) else { return false }
    if self.role == .server, frame.isHeaders, frame.streamID > self.highestStreamID {
      self.began(frame.streamID)
    } else if frame.streamID != self.openStreamID {
      return true
    }
    self.openStreamID = frame.endsStream ? 0 : frame.streamID
    return false
  }

  /// The stream of the frame was found open.
  mutating func found(_ frame: FrameHeader) {
    self.openStreamID = frame.endsStream ? 0 : frame.streamID
  }

  /// A client's own ids may have gaps, too: requests that were given up before they were sent.
  mutating func began(_ streamID: Int32) {
    if streamID - 2 > self.highestStreamID {
      if self.skipped.count == Self.maxSkipped {
        self.skipped.removeFirst()
      }
      self.skipped.append(self.highestStreamID + 1...streamID - 2)
    }
    self.highestStreamID = max(self.highestStreamID, streamID)
  }

  /// Frames that the peer sent before it knows are to be ignored (RFC 9113 section 5.1, closed).
  mutating func abandoned(_ streamID: Int32) {
    if self.abandoned.count == Self.maxAbandoned {
      self.forgottenStreamID = self.abandoned.reduce(self.forgottenStreamID, max)
      self.abandoned.removeAll(keepingCapacity: true)
    }
    self.abandoned.append(streamID)
  }

  /// What a frame that needs a stream is on one that isn't open; nil when nghttp2 is to judge or ignore it.
  ///
  /// `lastProcessed` is the highest stream of the peer's that was served.
  func violation(onClosed streamID: Int32, lastProcessed: Int32) -> HTTP2ErrorCode? {
    // A client's GOAWAY is of the server's streams.
    let lastAccepted = self.role == .server ? lastProcessed : self.goAwayStreamID
    guard streamID <= min(self.highestStreamID, lastAccepted) else { return nil }
    if streamID <= self.forgottenStreamID || self.abandoned.contains(streamID) {
      return nil
    }
    // RFC 9113 sections 5.1.1 and 5.1.
    return self.role == .server && self.skipped.contains { $0.contains(streamID) } ? .protocolError : .streamClosed
  }
}

extension FrameHeader {
  var isData: Bool { UInt32(self.type) == NGHTTP2_DATA.rawValue }
  var isHeaders: Bool { UInt32(self.type) == NGHTTP2_HEADERS.rawValue }
  var isPushPromise: Bool { UInt32(self.type) == NGHTTP2_PUSH_PROMISE.rawValue }
  /// For DATA and HEADERS.
  var endsStream: Bool { UInt32(self.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0 }
}
