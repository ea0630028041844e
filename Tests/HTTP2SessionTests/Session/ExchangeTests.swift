import HTTP2Session
import Testing

@Suite struct ExchangeTests {
  @Test(
    "A request with a body and a response with trailers arrive whole, however the bytes are cut",
    arguments: [1, 2, 3, 7, 9, 64, .max])
  func exchange(chunkSize: Int) throws {
    var pair = try SessionPair()
    pair.chunkSize = chunkSize
    let id = try pair.request([HTTP2Field("x-name", "value")])
    let body = (0..<5000).map { UInt8(truncatingIfNeeded: $0) }
    try pair.client.write(streamID: id, bytes: Array(body[..<1]))
    try pair.client.write(streamID: id, bytes: Array(body[1...]))
    try pair.client.finish(streamID: id)
    try pair.exchange()

    let request = try #require(pair.serverEvents.sections(id).first)
    #expect(request.fields.contains(HTTP2Field("x-name", "value")))
    #expect(request.fields.first == HTTP2Field(":method", "POST"))
    #expect(!request.endStream)
    #expect(pair.serverEvents.payload(id) == body)
    #expect(pair.serverEvents.contains(.endStream(streamID: id)))

    try pair.server.submitResponse(streamID: id, fields: [HTTP2Field(":status", "200")])
    try pair.server.write(streamID: id, bytes: [1, 2, 3])
    try pair.server.finish(streamID: id, trailers: [HTTP2Field("grpc-status", "0")])
    try pair.exchange()
    let sections = pair.clientEvents.sections(id)
    #expect(sections.map(\.fields) == [[HTTP2Field(":status", "200")], [HTTP2Field("grpc-status", "0")]])
    #expect(sections.map(\.endStream) == [false, true])
    #expect(pair.clientEvents.payload(id) == [1, 2, 3])
    #expect(pair.clientEvents.contains(.streamClosed(streamID: id, code: .noError)))
    #expect(pair.serverEvents.contains(.streamClosed(streamID: id, code: .noError)))
  }

  @Test("A response can be trailers alone")
  func trailersOnly() throws {
    var pair = try SessionPair()
    let id = try pair.request(endStream: true)
    try pair.exchange()
    #expect(pair.serverEvents.sections(id).map(\.endStream) == [true])
    try pair.server.submitResponse(
      streamID: id, fields: [HTTP2Field(":status", "200"), HTTP2Field("grpc-status", "5")], endStream: true)
    try pair.exchange()
    #expect(pair.clientEvents.sections(id).map(\.endStream) == [true])
    #expect(pair.clientEvents.contains(.streamClosed(streamID: id, code: .noError)))
  }

  @Test("Data written after the stream was idle is sent, and trailers after that")
  func deferredData() throws {
    var pair = try SessionPair()
    let id = try pair.request()
    try pair.exchange()
    try pair.server.submitResponse(streamID: id, fields: [HTTP2Field(":status", "200")])
    try pair.exchange()
    for byte in UInt8(0)..<3 {
      try pair.server.write(streamID: id, bytes: [byte])
      try pair.exchange()
      #expect(pair.clientEvents.payload(id).last == byte)
    }
    try pair.server.finish(streamID: id, trailers: [HTTP2Field("a", "b")])
    try pair.exchange()
    #expect(pair.clientEvents.sections(id).last?.endStream == true)
    // The client's side is still open: the server is told that it may cut it off.
    #expect(pair.serverEvents.contains(.endStreamSent(streamID: id)))
  }

  @Test("Writing to a stream that is ended, unknown or closed is an error that isn't fatal")
  func misuse() throws {
    var pair = try SessionPair()
    let id = try pair.request()
    try pair.client.finish(streamID: id)
    #expect(failure { try pair.client.write(streamID: id, bytes: [1]) }?.code == .invalidStream)
    #expect(failure { try pair.client.finish(streamID: 99) }?.code == .invalidStream)
    try pair.exchange()
    #expect(failure { try pair.server.submitResponse(streamID: 99, fields: []) }?.code == .invalidStream)
    try pair.server.submitResponse(streamID: id, fields: [HTTP2Field(":status", "200")])
    #expect(failure { try pair.server.submitResponse(streamID: id, fields: []) }?.isFatal == false)
    #expect(failure { try pair.client.submitShutdownNotice() }?.isFatal == false)
    let next = try pair.request(endStream: true)
    try pair.exchange()
    try pair.server.submitResponse(streamID: next, fields: [HTTP2Field(":status", "200")], endStream: true)
    #expect(
      failure { try pair.server.submitResponse(streamID: next, fields: [], endStream: true) }?.code == .invalidState)
  }

  @Test("The last stream ids are used, and then there are none")
  func usedUpStreamIDs() throws {
    var configuration = HTTP2Configuration()
    configuration.firstStreamID = Int32.max - 2
    var pair = try SessionPair(client: configuration)
    for expected in [Int32.max - 2, Int32.max] {
      let id = try pair.request(endStream: true)
      #expect(id == expected)
      try pair.exchange()
      try pair.server.submitResponse(streamID: id, fields: [HTTP2Field(":status", "200")], endStream: true)
      try pair.exchange()
      #expect(pair.clientEvents.contains(.streamClosed(streamID: id, code: .noError)))
    }
    #expect(failure { _ = try pair.request() }?.code == .noStreamID)
  }

  @Test("A ping is answered")
  func ping() throws {
    var pair = try SessionPair()
    try pair.client.ping(payload: 42)
    try pair.exchange()
    #expect(pair.clientEvents.contains(.pingAcknowledged(payload: 42)))
  }
}

/// The session's error that `body` throws.
func failure(_ body: () throws -> Void) -> HTTP2Error? {
  do {
    try body()
    return nil
  } catch {
    return error as? HTTP2Error
  }
}
