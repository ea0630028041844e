import Testing

/// A way for a server to leave in the middle of a call.
struct MoveScenario: Sendable, CustomTestStringConvertible {
  enum Kind: String, CaseIterable, Sendable {
    /// One message each way.
    case unary
    /// Many messages, then one back.
    case clientStreaming = "client streaming"
    /// Many messages, each of which comes back at once.
    case bidirectional
  }

  /// How far the call is when the server leaves.
  enum Point: String, CaseIterable, Sendable {
    /// All connections have as many calls as they may have.
    case waiting = "while it waits for a connection"
    /// It has a connection, and its headers aren't written.
    case unwritten = "before its headers are written"
    /// The limit was lowered after it got its connection.
    case heldBack = "while the server's limit holds it back"
    /// The message may be on its way.
    case headers = "after its headers"
    case withinMessage = "within its first message"
    /// The end may be on its way.
    case message = "after its first message"
    case end = "after its end"
    case responseHeaders = "after the response's headers"
    case withinResponse = "within the response"
  }

  enum Manner: String, CaseIterable, Sendable {
    /// With its last stream in the only GOAWAY.
    case atOnce = "at once"
    /// With a GOAWAY that leaves no stream out, and another one after the answer to a ping (RFC 9113 section 6.8).
    case inTwoSteps = "in two steps"
  }

  enum Outcome: Sendable {
    /// The server that leaves goes on with it.
    case answered
    /// It is made again, and answered on another connection.
    case moved
    /// It was given up after the answer began, so that nobody may make it again (gRFC A6).
    case failed
  }

  let kind: Kind
  let point: Point
  let manner: Manner
  /// Whether the last GOAWAY leaves the call to the server.
  let isKept: Bool
  /// Whether the caller stops writing at the point until the GOAWAY has come; otherwise it goes on all the time.
  let writerPauses: Bool

  static let all: [Self] = Kind.allCases.flatMap { kind in
    Point.allCases.flatMap { point in
      Manner.allCases.flatMap { manner in
        [true, false].flatMap { isKept in
          [true, false].compactMap { writerPauses in
            let scenario = Self(kind: kind, point: point, manner: manner, isKept: isKept, writerPauses: writerPauses)
            return scenario.isDefinite ? scenario : nil
          }
        }
      }
    }
  }

  /// Whether it can be told what comes of it.
  private var isDefinite: Bool {
    // A writer that doesn't write can't pause, and one must pause to have written nothing.
    self.writerPauses ? self.point != .waiting && !self.writesBeforePoint : self.point != .unwritten
  }

  /// Whether the point comes after the end of the request.
  var writesBeforePoint: Bool {
    switch self.point {
    case .waiting, .unwritten, .heldBack, .headers, .withinMessage, .message: false
    case .end: true
    case .responseHeaders, .withinResponse: self.kind != .bidirectional
    }
  }

  var outcome: Outcome {
    switch self.point {
    case .waiting, .unwritten, .heldBack: .moved
    case .headers, .withinMessage, .message, .end: self.isKept ? .answered : .moved
    case .responseHeaders, .withinResponse: self.isKept ? .answered : .failed
    }
  }

  var testDescription: String {
    """
    \(self.kind.rawValue), \(self.point.rawValue), \(self.manner.rawValue), \(self.isKept ? "kept" : "disowned"), the \
    writer \(self.writerPauses ? "pauses" : "goes on")
    """
  }
}
