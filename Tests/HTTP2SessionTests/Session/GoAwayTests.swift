import HTTP2Session
import HTTP2TestSupport
import Testing

/// What a server that has submitted a GOAWAY makes of streams that were under way (RFC 9113 section 6.8).
@Suite struct GoAwayTests {
  @Test("A stream that comes between a GOAWAY and its drain is refused, not served")
  func lateStream() throws {
    var pair = try SessionPair()
    let first = try pair.request()
    try pair.exchange()
    try pair.server.submitGoAway()
    // The client knows nothing of it yet.
    let field = HTTP2Field("x-late", "1")
    let second = try pair.request([field], endStream: true)
    try pair.exchange()
    #expect(pair.serverEvents.sections(second).isEmpty)
    #expect(pair.goAwayIDs == [first])
    #expect(pair.clientEvents.contains(.streamClosed(streamID: second, code: .refusedStream)))

    // Fields may refer to those of the refused stream.
    try pair.client.finish(streamID: first, trailers: [field])
    try pair.server.submitResponse(streamID: first, fields: [HTTP2Field(":status", "200")], endStream: true)
    try pair.exchange()
    #expect(pair.serverEvents.sections(first).last?.fields == [field])
    #expect(pair.clientEvents.contains(.streamClosed(streamID: first, code: .noError)))
    #expect((pair.server.wantsRead || pair.server.wantsWrite) == false)
  }

  @Test("A later GOAWAY names no higher stream, whatever sends it and whenever", arguments: [false, true])
  func laterGoAway(isDrained: Bool) throws {
    for last in GoAway.allCases {
      var pair = try SessionPair()
      let first = try pair.request()
      try pair.exchange()
      try pair.server.submitGoAway()
      let second = try pair.request(endStream: true)
      var late: [UInt8] = []
      try pair.client.drain(into: &late)
      if isDrained {
        try pair.exchange()
      }
      try deliver(late, to: &pair.server, chunkSize: .max, events: &pair.serverEvents)
      #expect(pair.serverEvents.sections(second).isEmpty)
      switch last {
      case .submitted: try pair.server.submitGoAway(code: .enhanceYourCalm, debugData: "enough")
      case .terminated: try pair.server.terminate(code: .enhanceYourCalm)
      case .violated: try deliver(Wire.data(0, [1]), to: &pair.server, chunkSize: .max, events: &pair.serverEvents)
      }
      try pair.exchange()
      #expect(pair.goAwayIDs == [first, first])
    }
  }

  /// What can end a connection whose owner has submitted a GOAWAY already.
  enum GoAway: CaseIterable {
    case submitted
    case terminated
    case violated
  }

  @Test("A shutdown notice refuses nothing, before it is drained and after")
  func notice() throws {
    var pair = try SessionPair()
    let first = try pair.request(endStream: true)
    try pair.exchange()
    try pair.server.submitShutdownNotice()
    let second = try pair.request(endStream: true)
    var toServer: [UInt8] = []
    try pair.client.drain(into: &toServer)
    try deliver(toServer, to: &pair.server, chunkSize: .max, events: &pair.serverEvents)
    #expect(pair.serverEvents.sections(second).count == 1)
    // The notice hasn't left when the GOAWAY comes.
    try pair.server.submitGoAway()
    let third = try pair.request(endStream: true)
    try pair.exchange()
    #expect(pair.goAwayIDs == [.max, second])
    #expect(pair.serverEvents.sections(third).isEmpty)
    #expect(pair.clientEvents.contains(.streamClosed(streamID: third, code: .refusedStream)))
    for id in [first, second] {
      try pair.server.submitResponse(streamID: id, fields: [HTTP2Field(":status", "200")], endStream: true)
    }
    try pair.exchange()
    #expect(pair.clientEvents.contains(.streamClosed(streamID: second, code: .noError)))
  }

  @Test("A stream that comes after the end was submitted isn't served")
  func terminated() throws {
    var pair = try SessionPair()
    let first = try pair.request()
    try pair.exchange()
    try pair.server.terminate(code: .noError)
    let second = try pair.request(endStream: true)
    try pair.exchange()
    #expect(pair.serverEvents.sections(second).isEmpty)
    #expect(pair.goAwayIDs == [first])
  }

  @Test("A GOAWAY is ready to drain after what was queued before it, and waits for no payload")
  func order() throws {
    var pair = try SessionPair()
    let first = try pair.request(endStream: true)
    try pair.exchange()
    try pair.server.submitResponse(streamID: first, fields: [HTTP2Field(":status", "200")])
    try pair.server.write(streamID: first, bytes: [UInt8](repeating: 7, count: 1 << 20))
    try pair.server.ping(payload: 1)
    try pair.server.submitGoAway()
    try pair.server.submitGoAway(code: .enhanceYourCalm)
    #expect(pair.server.pendingBytes(streamID: first) == 1 << 20)
    #expect(pair.server.wantsWrite == true)
    var sent: [UInt8] = []
    #expect(try pair.server.drain(upTo: 1) { sent.append(contentsOf: $0) } == sent.count)
    #expect(WireFrame.take(from: &sent).map(\.type) == [6, 1, 7])
  }

  @Test("A GOAWAY says too many pings if its debug data are gRPC's words for that, neither more nor less")
  func tooManyPings() throws {
    for (debugData, isSaid) in [
      ("too_many_pings", true), ("too_many_pings\0", false), ("too_many_ping", false), ("TOO_MANY_PINGS", false),
      ("", false),
    ] {
      for chunkSize in [1, .max] {
        var pair = try SessionPair()
        pair.chunkSize = chunkSize
        try pair.exchange()
        try pair.server.submitGoAway(code: .enhanceYourCalm, debugData: debugData)
        try pair.exchange()
        #expect(
          pair.clientEvents.contains(.goAway(lastStreamID: 0, code: .enhanceYourCalm, saysTooManyPings: isSaid)))
      }
    }
  }

  @Test("A client refuses nothing, and its requests go on")
  func client() throws {
    var pair = try SessionPair()
    let first = try pair.request(endStream: true)
    let error = #expect(throws: HTTP2Error.self) { try pair.client.submitGoAway() }
    #expect(error?.code == .invalidState)
    try pair.exchange()
    try pair.server.submitResponse(streamID: first, fields: [HTTP2Field(":status", "200")], endStream: true)
    try pair.exchange()
    #expect(pair.clientEvents.contains(.streamClosed(streamID: first, code: .noError)))
    #expect(pair.client.wantsRead == true)
  }
}

extension SessionPair {
  /// The last stream ids of the GOAWAYs that the client was sent.
  var goAwayIDs: [Int32] {
    self.clientEvents.compactMap { if case .goAway(let id, _, _) = $0.event { id } else { nil } }
  }
}
