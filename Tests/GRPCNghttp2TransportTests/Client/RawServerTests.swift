import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import NIOSSL
import Synchronization
import TestSupport
import Testing

/// What the client makes of peers that aren't this transport's server.
@Suite(.timeLimit(.minutes(1))) struct RawServerTests {
  /// Calls a server that treats its first stream as `serve` says, and returns the error.
  func call(_ serve: @escaping @Sendable (RawPeer, Int32) async throws -> Void) async throws -> RPCError? {
    let result = Counter()
    nonisolated(unsafe) var error: RPCError?
    try await RawPeer.listen { peer in
      try await serve(peer, try await peer.nextRequest())
      _ = try await peer.read { _ in false }
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        error = await rpcError { _ = try await client.call("Echo", [1]) }
        result.add()
      }
    }
    #expect(result.value == 1)
    return error
  }

  @Test(
    "Resets become the status that gRPC gives them",
    arguments: [
      (HTTP2ErrorCode.cancel, RPCError.Code.cancelled), (.enhanceYourCalm, .resourceExhausted),
      (.inadequateSecurity, .permissionDenied), (.internalError, .internalError),
    ])
  func resets(code: HTTP2ErrorCode, status: RPCError.Code) async throws {
    let error = try await self.call { peer, id in
      try await peer.send { try $0.reset(streamID: id, code: code) }
    }
    #expect(error?.code == status)
  }

  @Test(
    "HTTP answers become the status that gRPC gives them",
    arguments: [
      ("503", RPCError.Code.unavailable), ("404", .unimplemented), ("401", .unauthenticated), ("500", .unknown),
    ])
  func httpStatus(status: String, code: RPCError.Code) async throws {
    let error = try await self.call { peer, id in
      try await peer.send {
        try $0.submitResponse(
          streamID: id, fields: [HTTP2Field(":status", status), HTTP2Field("content-type", "text/html")],
          endStream: true)
      }
    }
    #expect(error?.code == code)
  }

  @Test(
    "A request begins with what gRPC demands, then the caller's metadata, and nothing else",
    arguments: ["http", "https"])
  func requestHead(scheme: String) async throws {
    let authority = try TestAuthority()
    let isSecure = scheme == "https"
    let tls = isSecure ? try NIOSSLContext(configuration: RawTLS.server(authority.issue("token-service"))) : nil
    let heads = Mutex<[[HTTP2Field]]>([])
    try await RawPeer.listen(tls: tls) { peer in
      var id: Int32 = 0
      while true {
        id = try await peer.nextRequest(after: id)
        let head = peer.sections(id).first ?? []
        heads.withLock { $0.append(head) }
        try await QueuedCallTests.answer(peer, id, 1)
      }
    } _: { endpoint in
      try await withClient([endpoint], security: isSecure ? .of("client", authority) : .plaintext) { client in
        _ = try await client.call("Echo", [1], metadata: ["x-name": "value", "x-data-bin": .binary([0, 1])])
        _ = try await client.call("Echo", [1], options: CompressionTests.gzipOptions)
      }
      func head(_ last: [HTTP2Field]) -> [HTTP2Field] {
        [
          HTTP2Field(":method", "POST"), HTTP2Field(":scheme", scheme), HTTP2Field(":path", "/test.Service/Echo"),
          HTTP2Field(":authority", "\(endpoint)"), HTTP2Field("te", "trailers"),
          HTTP2Field("content-type", "application/grpc"), HTTP2Field("user-agent", "grpc-swift-nghttp2/1"),
          HTTP2Field("grpc-accept-encoding", "gzip,identity"),
        ] + last
      }
      let expected = [
        head([HTTP2Field("x-name", "value"), HTTP2Field("x-data-bin", "AAE")]),
        head([HTTP2Field("grpc-encoding", "gzip")]),
      ]
      #expect(heads.withLock { $0 } == expected)
    }
  }

  @Test("Servers are told of gzip first, as some take the first encoding that they know")
  func gzipFirst() async throws {
    let error = try await self.call { peer, id in
      #expect(
        peer.sections(id).first?.first { $0.name == "grpc-accept-encoding" }?.value == "gzip,identity")
      try await peer.send { try $0.reset(streamID: id, code: .cancel) }
    }
    #expect(error?.code == .cancelled)
  }

  @Test("A 200 that isn't gRPC is UNKNOWN")
  func notGRPC() async throws {
    let error = try await self.call { peer, id in
      try await peer.send {
        try $0.submitResponse(
          streamID: id, fields: [HTTP2Field(":status", "200"), HTTP2Field("content-type", "text/html")])
      }
    }
    #expect(error?.code == .unknown)
  }

  @Test(
    "Broken responses are INTERNAL",
    arguments: [
      [1, 0, 0, 0, 1, 9], [0, 0, 0, 0, 5, 1],
    ] as [[UInt8]])
  func brokenMessages(bytes: [UInt8]) async throws {
    let error = try await self.call { peer, id in
      try await peer.respond(id)
      try await peer.send { session in
        try session.write(streamID: id, bytes: bytes)
        try session.finish(streamID: id, trailers: [HTTP2Field("grpc-status", "0")])
      }
    }
    #expect(error?.code == .internalError)
  }

  @Test("A response that ends without trailers, or with trailers without a status, is an error")
  func noStatus() async throws {
    let unended = try await self.call { peer, id in
      try await peer.respond(id, message: [1])
      try await peer.send { try $0.finish(streamID: id) }
    }
    #expect(unended?.code == .internalError)
    let statusless = try await self.call { peer, id in
      try await peer.respond(id, message: [1])
      try await peer.send { try $0.finish(streamID: id, trailers: [HTTP2Field("x", "y")]) }
    }
    #expect(statusless?.code == .unknown)
    let headersOnly = try await self.call { peer, id in
      let fields = [HTTP2Field(":status", "200"), HTTP2Field("content-type", "application/grpc")]
      try await peer.send { try $0.submitResponse(streamID: id, fields: fields, endStream: true) }
    }
    #expect(headersOnly?.code == .unknown)
  }

  @Test("A request that is held up when its answer is complete is given up")
  func earlyAnswer() async throws {
    let isReset = Event()
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.writeHighWatermarkBytes = 1 << 20
    try await RawPeer.listen { peer in
      peer.opensWindows = false
      let id: Int32 = 1
      _ = try await peer.read { $0.payload(id).count == 65_535 }
      try await peer.respond(id, message: [1])
      try await peer.send { try $0.finish(streamID: id, trailers: [HTTP2Field("grpc-status", "0")]) }
      if try await peer.read(until: { $0.closeCode(id) == .cancel }) {
        isReset.happen()
      }
    } _: { endpoint in
      try await withClient([endpoint], configuration: configuration) { client in
        try await client.expect("Echo", [UInt8](repeating: 0, count: 100_000), answer: [1])
        try await eventually(until: { isReset.hasHappened })
      }
    }
  }

  /// How a caller gives its call up.
  enum GivingUp: CaseIterable {
    case cancelledTask, unreadResponse, deadline

    /// Gives up a call that the server has begun to answer, or makes one until its deadline passes.
    func call(_ client: TestClient, answered: Event, isReset: () -> Bool) async throws {
      switch self {
      case .cancelledTask:
        let call = Task { try await client.call("Echo") }
        await answered.wait()
        call.cancel()
        await #expect(throws: (any Error).self) { try await call.value }
      case .unreadResponse:
        let first = try await client.stream("Echo") { _ in
        } response: { response in
          var iterator = response.messages.makeAsyncIterator()
          return try await iterator.next()
        }
        #expect(first == [1])
      case .deadline:
        // It may pass before the call is even sent; then it is made again.
        try await eventually(until: {
          let error = await rpcError {
            let options = CallOptions.options(timeout: .milliseconds(250), waitForReady: true)
            _ = try await client.call("Echo", options: options)
          }
          try #require(error?.code == .deadlineExceeded)
          return isReset()
        })
      }
    }
  }

  @Test("The server of a call that is given up is told CANCEL", arguments: GivingUp.allCases)
  func givenUp(how: GivingUp) async throws {
    let answered = Event()
    let code = Mutex<HTTP2ErrorCode?>(nil)
    try await RawPeer.listen { peer in
      let id = try await peer.nextRequest()
      try await peer.respond(id, message: [1])
      answered.happen()
      _ = try await peer.read { $0.closeCode(id) != nil }
      let received = peer.closeCode(id)
      code.withLock { $0 = received }
      _ = try await peer.read { _ in false }
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        try await how.call(client, answered: answered) { code.withLock { $0 } != nil }
        // Not by the end of the connection.
        try await eventually(until: { code.withLock { $0 } != nil })
      }
    }
    #expect(code.withLock { $0 } == .cancel)
  }

  @Test("A call that is given up while its request goes on is reset with CANCEL, and its request not ended first")
  func givenUpRequest() async throws {
    let begun = Event()
    let outcome = Mutex<(code: HTTP2ErrorCode?, isEnded: Bool)?>(nil)
    try await RawPeer.listen { peer in
      let id: Int32 = 1
      _ = try await peer.read { !$0.payload(id).isEmpty }
      begun.happen()
      _ = try await peer.read { $0.closeCode(id) != nil }
      let received = (code: peer.closeCode(id), isEnded: peer.hasEnded(id))
      outcome.withLock { $0 = received }
      _ = try await peer.read { _ in false }
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        let call = Task {
          try await client.stream("Echo") { writer in
            try await writer.write([1])
            try await Task.sleep(for: .seconds(600))
          } response: { response in
            for try await _ in response.messages {}
          }
        }
        await begun.wait()
        call.cancel()
        await #expect(throws: (any Error).self) { try await call.value }
        try await eventually(until: { outcome.withLock { $0 } != nil })
      }
    }
    #expect(outcome.withLock { $0?.code } == .cancel)
    #expect(outcome.withLock { $0?.isEnded } == false)
  }

  @Test("A section of a response over the limit is RESOURCE_EXHAUSTED, and the connection goes on", arguments: [1, 2])
  func largeSection(number: Int) async throws {
    let connections = Counter()
    let long = [HTTP2Field("x-long", String(repeating: "a", count: 20_000))]
    try await RawPeer.listen { peer in
      connections.add()
      let id = try await peer.nextRequest()
      let headers = [HTTP2Field(":status", "200"), HTTP2Field("content-type", "application/grpc")]
      try await peer.send { session in
        try session.submitResponse(streamID: id, fields: headers + (number == 1 ? long : []))
        try session.write(streamID: id, bytes: MessageFraming.frame([1], limit: 10))
        try session.finish(streamID: id, trailers: [HTTP2Field("grpc-status", "0")] + (number == 2 ? long : []))
      }
      try await QueuedCallTests.serve(peer, after: id, answer: 2)
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        #expect(await rpcError { _ = try await client.call("Echo") }?.code == .resourceExhausted)
        try await client.expect("Echo", answer: [2])
      }
    }
    #expect(connections.value == 1)
  }

  @Test("A connection lost in the middle of a call is UNAVAILABLE")
  func lost() async throws {
    try await RawPeer.listen { peer in
      let id = try await peer.nextRequest()
      try await peer.respond(id)
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        #expect(await rpcError { _ = try await client.call("Echo", [1]) }?.code == .unavailable)
      }
    }
  }

  @Test("Calls beyond the server's concurrency limit wait their turn, and those beyond the queue are UNAVAILABLE")
  func queue() async throws {
    var server = HTTP2Configuration()
    server.maxConcurrentStreams = 1
    var client = Nghttp2ClientConfiguration.defaults
    client.maxCallsAwaitingConnection = 2
    let first = Event()
    let gate = Event()
    try await RawPeer.listen(configuration: server) { peer in
      var id: Int32 = 0
      while true {
        id = try await peer.nextRequest(after: id)
        if id == 1 {
          first.happen()
          await gate.wait()
        }
        try await peer.respond(id, message: [UInt8(id)])
        let stream = id
        try await peer.send { try $0.finish(streamID: stream, trailers: [HTTP2Field("grpc-status", "0")]) }
      }
    } _: { endpoint in
      try await withClient([endpoint], configuration: client) { client in
        async let a = client.call("Echo")
        await first.wait()
        // Whichever of them comes last.
        let refused = Counter()
        let others = (0..<3).map { _ in
          Task {
            do {
              return try await client.call("Echo")
            } catch let error as RPCError where error.code == .unavailable {
              refused.add()
              return []
            }
          }
        }
        try await eventually { refused.value == 1 }
        gate.happen()
        let answer = try await a
        #expect(answer == [1])
        var answered = 0
        for task in others { answered += try await task.value.count }
        #expect(answered == 2 && refused.value == 1)
      }
    }
  }

  @Test("After a GOAWAY the open call finishes and the next goes to a new connection")
  func goAway() async throws {
    let connections = Counter()
    try await RawPeer.listen { peer in
      connections.add()
      let id = try await peer.nextRequest()
      try await peer.send { try $0.submitGoAway() }
      try await peer.respond(id, message: [1])
      try await peer.send { try $0.finish(streamID: id, trailers: [HTTP2Field("grpc-status", "0")]) }
      _ = try await peer.read { _ in false }
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        for _ in 0..<3 { try await client.expect("Echo", answer: [1]) }
      }
    }
    #expect(connections.value == 3)
  }

  @Test("Something that accepts and closes, or isn't HTTP/2, is UNAVAILABLE")
  func notAServer() async throws {
    try await RawPeer.listen { _ in
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        #expect(await rpcError { _ = try await client.call("Echo") }?.code == .unavailable)
      }
    }
    try await RawPeer.listen { peer in
      try await peer.sendRaw(Array("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n".utf8))
      _ = try? await peer.read { _ in false }
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        #expect(await rpcError { _ = try await client.call("Echo") }?.code == .unavailable)
      }
    }
  }

  @Test("A server that never sends SETTINGS is given up within the connect timeout")
  func silent() async throws {
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.connectTimeout = .milliseconds(50)
    let gate = Event()
    try await RawPeer.listen { _ in
      await gate.wait()
    } _: { endpoint in
      try await withClient([endpoint], configuration: configuration) { client in
        #expect(await rpcError { _ = try await client.call("Echo") }?.code == .unavailable)
      }
      gate.happen()
    }
  }
}
