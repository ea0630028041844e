import HTTP2Session
import HTTP2TestSupport
import Testing

@Suite struct FlowControlTests {
  @Test("A reader that consumes nothing stops the writer at the stream window, and consuming lets it go on")
  func streamWindow() throws {
    var server = HTTP2Configuration()
    server.streamWindowBytes = 20_000
    var pair = try SessionPair(server: server)
    try pair.exchange()
    let id = try pair.request()
    try pair.client.write(streamID: id, bytes: [UInt8](repeating: 7, count: 100_000))
    try pair.exchange()
    #expect(pair.serverEvents.payload(id).count == 20_000)
    #expect(pair.client.pendingBytes(streamID: id) == 80_000)

    // The connection's window alone doesn't help.
    try pair.server.consumeConnection(count: 20_000)
    try pair.exchange()
    #expect(pair.serverEvents.payload(id).count == 20_000)

    try pair.server.consumeStream(id, count: 20_000)
    try pair.exchange()
    #expect(pair.serverEvents.payload(id).count == 40_000)
    #expect(pair.clientEvents.contains { if case .dataTaken(id, _, _) = $0.event { true } else { false } })
  }

  @Test("The connection's window is shared by its streams")
  func connectionWindow() throws {
    var server = HTTP2Configuration()
    server.connectionWindowBytes = 70_000
    server.streamWindowBytes = 60_000
    var pair = try SessionPair(server: server)
    try pair.exchange()
    let ids = [try pair.request(), try pair.request()]
    for id in ids {
      try pair.client.write(streamID: id, bytes: [UInt8](repeating: 1, count: 60_000))
    }
    try pair.exchange()
    #expect(ids.map { pair.serverEvents.payload($0).count }.reduce(0, +) == 70_000)
    try pair.server.consumeConnection(count: 70_000)
    try pair.exchange()
    #expect(ids.map { pair.serverEvents.payload($0).count }.reduce(0, +) == 120_000)
  }

  @Test("Requests beyond the peer's limit wait for a stream to end")
  func concurrency() throws {
    var server = HTTP2Configuration()
    server.maxConcurrentStreams = 2
    var pair = try SessionPair(server: server)
    try pair.exchange()
    #expect(pair.client.peerMaxConcurrentStreams == 2)
    let ids = try (0..<3).map { _ in try pair.request(endStream: true) }
    try pair.exchange()
    #expect(pair.serverEvents.sections(ids[2]).isEmpty)
    try pair.server.submitResponse(streamID: ids[0], fields: [HTTP2Field(":status", "200")], endStream: true)
    try pair.exchange()
    #expect(pair.serverEvents.sections(ids[2]).count == 1)
  }

  @Test("Trailers go out past whole writes that the window holds back, but not past half of one")
  func finishNow() throws {
    var client = HTTP2Configuration()
    client.streamWindowBytes = 20_000
    var pair = try SessionPair(client: client)
    let ids = [try pair.request(), try pair.request()]
    try pair.exchange()
    for (id, bytes) in zip(ids, [10_000, 15_000]) {
      try pair.server.submitResponse(streamID: id, fields: [HTTP2Field(":status", "200")])
      for _ in 0..<3 { try pair.server.write(streamID: id, bytes: [UInt8](repeating: 1, count: bytes)) }
    }
    try pair.exchange()
    #expect(ids.map { pair.clientEvents.payload($0).count } == [20_000, 20_000])

    #expect(try pair.server.finishNow(streamID: ids[0], trailers: HTTP2Section(nil, [HTTP2Field("grpc-status", "4")])))
    #expect(failure { try pair.server.write(streamID: ids[0], bytes: [1]) }?.code == .invalidStream)
    #expect(try !pair.server.finishNow(streamID: ids[1], trailers: HTTP2Section(nil, [HTTP2Field("grpc-status", "4")])))
    try pair.exchange()
    #expect(pair.clientEvents.sections(ids[0]).last?.fields == [HTTP2Field("grpc-status", "4")])
    #expect(pair.clientEvents.sections(ids[1]).count == 1)
    #expect(pair.server.pendingBytes(streamID: ids[0]) == 0)
    // The window opens for nobody: nothing follows the trailers.
    try pair.client.consumeStream(ids[0], count: 20_000)
    try pair.exchange()
    #expect(pair.clientEvents.payload(ids[0]).count == 20_000)
  }

  @Test("Trailers need no window")
  func trailersWithoutWindow() throws {
    var client = HTTP2Configuration()
    client.streamWindowBytes = 0
    var pair = try SessionPair(client: client)
    let ids = [try pair.request(), try pair.request(endStream: true)]
    try pair.exchange()
    for id in ids {
      try pair.server.submitResponse(streamID: id, fields: [HTTP2Field(":status", "200")])
      try pair.exchange()
      try pair.server.finish(streamID: id, trailers: [HTTP2Field("grpc-status", "0")])
      try pair.exchange()
      let last = try #require(pair.clientEvents.sections(id).last)
      #expect(last.fields == [HTTP2Field("grpc-status", "0")])
      #expect(last.endStream)
    }
    #expect(pair.clientEvents.contains(.streamClosed(streamID: ids[1], code: .noError)))
  }
}
