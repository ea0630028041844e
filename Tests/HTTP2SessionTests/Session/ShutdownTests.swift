import HTTP2Session
import HTTP2TestSupport
import Testing

@Suite struct ShutdownTests {
  @Test(
    "After a shutdown notice calls are still taken; after the GOAWAY the open ones finish and the connection is over")
  func graceful() throws {
    var pair = try SessionPair()
    let first = try pair.request(endStream: true)
    try pair.exchange()
    try pair.server.submitShutdownNotice()
    let second = try pair.request(endStream: true)
    try pair.exchange()
    #expect(pair.clientEvents.contains(.goAway(lastStreamID: .max, code: .noError, saysTooManyPings: false)))
    // nghttp2 itself refuses to open streams once a GOAWAY was seen, even a mere notice; this one was refused or served
    // whole.
    let isServed = pair.serverEvents.sections(second).count == 1

    try pair.server.submitGoAway()
    try pair.exchange()
    let last = isServed ? second : first
    #expect(pair.clientEvents.contains(.goAway(lastStreamID: last, code: .noError, saysTooManyPings: false)))
    #expect(pair.server.wantsRead == true)
    for id in isServed ? [first, second] : [first] {
      try pair.server.submitResponse(streamID: id, fields: [HTTP2Field(":status", "200")], endStream: true)
    }
    try pair.exchange()
    #expect(pair.clientEvents.contains(.streamClosed(streamID: first, code: .noError)))
    #expect((pair.server.wantsRead || pair.server.wantsWrite) == false)
    #expect((pair.client.wantsRead || pair.client.wantsWrite) == false)
  }

  @Test("A request that a GOAWAY refuses is closed as refused")
  func refused() throws {
    var pair = try SessionPair()
    try pair.exchange()
    try pair.server.submitGoAway()
    try pair.exchange()
    let id = try pair.request(endStream: true)
    try pair.exchange()
    #expect(pair.clientEvents.contains(.streamClosed(streamID: id, code: .refusedStream)))
  }

  @Test(
    "A peer's violation ends the session while nothing is drained, and its GOAWAY is still to drain",
    arguments: [true, false])
  func violationUndrained(byClient: Bool) throws {
    var pair = try SessionPair()
    let id = try pair.request()
    try pair.exchange()
    // Payload for stream 0 (RFC 9113 section 6.1).
    let violation: [UInt8] = [0, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    if byClient {
      try pair.server.submitResponse(streamID: id, fields: [HTTP2Field(":status", "200")])
      try pair.server.write(streamID: id, bytes: [UInt8](repeating: 0, count: 200_000))
      try pair.server.sealQueuedFrames()
      #expect(pair.server.isOver == false)
      try deliver(violation, to: &pair.server, chunkSize: .max, events: &pair.serverEvents)
      try pair.server.sealQueuedFrames()
      #expect((pair.server.isOver && pair.server.wantsWrite) == true)
    } else {
      let unsent = try pair.request()
      try pair.client.sealQueuedFrames()
      // It may still be made elsewhere.
      #expect(pair.client.isOver == false)
      try deliver(violation, to: &pair.client, chunkSize: .max, events: &pair.clientEvents)
      try pair.client.sealQueuedFrames()
      #expect((pair.client.isOver && pair.client.wantsWrite) == true)
      try pair.exchange()
      #expect(pair.serverEvents.sections(unsent).isEmpty)
    }
    try pair.exchange()
    let events = byClient ? pair.clientEvents : pair.serverEvents
    #expect(events.contains { if case .goAway(_, .protocolError, _) = $0.event { true } else { false } })
    #expect((pair.server.wantsWrite || pair.client.wantsWrite) == false)
  }

  @Test("A session whose socket is gone holds nothing that was to be sent")
  func discarded() throws {
    var pair = try SessionPair()
    let ids = try (0..<3).map { _ in try pair.request() }
    try pair.exchange()
    for id in ids {
      try pair.server.submitResponse(streamID: id, fields: [HTTP2Field(":status", "200")])
      try pair.server.write(streamID: id, bytes: [UInt8](repeating: 0, count: 200_000))
    }
    try pair.server.sealQueuedFrames()
    pair.server.discardPending()
    #expect(ids.map { pair.server.pendingBytes(streamID: $0) } == [0, 0, 0])
  }

  @Test("A request that is reset twice before it is sent leaves the connection as it was")
  func resetTwice() throws {
    var pair = try SessionPair()
    let first = try pair.request()
    try pair.client.reset(streamID: first, code: .cancel)
    try pair.client.reset(streamID: first, code: .cancel)
    try pair.exchange()
    try pair.client.reset(streamID: first, code: .cancel)
    let next = try pair.request(endStream: true)
    try pair.exchange()
    #expect(pair.serverEvents.sections(next).count == 1)
    #expect(pair.server.wantsRead && pair.client.wantsRead)
  }

  @Test("A reset reaches the other side with its code and drops what was pending")
  func reset() throws {
    var pair = try SessionPair()
    let id = try pair.request()
    try pair.exchange()
    try pair.server.submitResponse(streamID: id, fields: [HTTP2Field(":status", "200")])
    try pair.server.write(streamID: id, bytes: [UInt8](repeating: 0, count: 200_000))
    try pair.exchange()
    try pair.client.reset(streamID: id, code: .cancel)
    try pair.exchange()
    #expect(pair.serverEvents.contains(.streamClosed(streamID: id, code: .cancel)))
    #expect(pair.clientEvents.contains(.streamClosed(streamID: id, code: .cancel)))
    #expect(pair.server.pendingBytes(streamID: id) == 0)
    // Resetting again is harmless.
    try pair.client.reset(streamID: id, code: .cancel)
    try pair.exchange()
    #expect(pair.client.wantsRead == true)
  }

  @Test("A stream whose reset wasn't drained no longer counts against the limit of streams")
  func undrainedReset() throws {
    var configuration = HTTP2Configuration()
    configuration.maxConcurrentStreams = 1
    var pair = try SessionPair(server: configuration)
    let first = try pair.request()
    try pair.exchange()
    try pair.server.submitResponse(streamID: first, fields: [HTTP2Field(":status", "200")], endStream: true)
    var toClient: [UInt8] = []
    try pair.server.drain(into: &toClient)
    // The client need not send the rest of its request, but it has; and so may call again.
    try pair.server.reset(streamID: first, code: .noError)
    try deliver(toClient, to: &pair.client, chunkSize: .max, events: &pair.clientEvents)
    try pair.client.finish(streamID: first)
    let second = try pair.request(endStream: true)
    try pair.exchange()
    #expect(pair.goAwayIDs.isEmpty)
    #expect(pair.serverEvents.sections(second).count == 1)
    #expect(pair.serverEvents.contains(.streamClosed(streamID: first, code: .noError)))
  }

  @Test("Terminating ends the connection with its open streams")
  func terminate() throws {
    var pair = try SessionPair()
    _ = try pair.request()
    try pair.exchange()
    try pair.client.terminate(code: .enhanceYourCalm)
    try pair.exchange()
    #expect(
      pair.serverEvents.contains(.goAway(lastStreamID: 0, code: .enhanceYourCalm, saysTooManyPings: false)))
    #expect((pair.client.wantsRead || pair.client.wantsWrite) == false)
  }
}
