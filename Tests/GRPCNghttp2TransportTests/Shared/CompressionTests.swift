import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import NIOPosix
import Synchronization
import Testing

/// Compressed messages on the wire, and what callers and handlers see of them.
@Suite(.timeLimit(.minutes(1))) struct CompressionTests {
  /// Repeats itself, so that it gets shorter.
  static let message = [UInt8](repeating: 0x5a, count: 10_000)
  /// `message` as gzip's command line makes it: not our own encoder's bytes.
  static let foreign: [UInt8] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4b, 0x4c, 0x4a, 0x06, 0x00, 0xc2, 0x41, 0x24, 0x35,
    0x03, 0x00, 0x00, 0x00,
  ]

  static func framed(_ bytes: [UInt8], flag: UInt8 = 1) -> [UInt8] {
    [flag, 0, 0, 0, UInt8(bytes.count)] + bytes
  }

  static var gzipOptions: CallOptions {
    var options = CallOptions.defaults
    options.compression = .gzip
    return options
  }

  /// Tells whether the first request message came compressed.
  static let probe: TestService.Handler = { request, context in
    var iterator = request.messages.makeAsyncIterator()
    let message = try await iterator.next() ?? []
    let wasCompressed = context.responseCompression?.wasLastRequestCompressed == true
    return StreamingServerResponse { writer in
      try await writer.write([wasCompressed ? 1 : 0] + message)
      return [:]
    }
  }

  @Test("A call that asks for gzip sends its messages compressed, others don't")
  func clientCompresses() async throws {
    try await withLoopback(TestService(["Probe": Self.probe])) { client in
      try await client.expect("Probe", Self.message, options: Self.gzipOptions, answer: [1] + Self.message)
      try await client.expect("Probe", Self.message, answer: [0] + Self.message)
      try await client.expect("Probe", [], options: Self.gzipOptions, answer: [0])
    }
  }

  @Test("Responses are compressed where the server is set so, message by message as the handler chooses")
  func serverCompresses() async throws {
    let pick: TestService.Handler = { _, context in
      context.responseCompression?.isEnabled = true
      return StreamingServerResponse { writer in
        try await writer.write(Self.message)
        context.responseCompression?.isEnabled = false
        try await writer.write(Self.message)
        context.responseCompression?.isEnabled = true
        try await writer.write(Self.message)
        return [:]
      }
    }
    var compressing = Nghttp2ServerConfiguration.defaults
    compressing.responseCompression = .gzip
    for (configuration, method, flags) in [
      (Nghttp2ServerConfiguration.defaults, "Pick", [1, 0, 1]), (.defaults, "Collect", [0]),
      (compressing, "Collect", [1]),
    ] as [(Nghttp2ServerConfiguration, String, [UInt8])] {
      try await withServer(TestService(["Pick": pick]), configuration: configuration) { _, endpoint in
        try await RawPeer.connect(to: endpoint) { peer in
          let id = try await peer.request([HTTP2Field("grpc-accept-encoding", "gzip")], method: method)
          try await peer.send {
            try $0.write(streamID: id, bytes: MessageFraming.frame(Self.message, limit: 1 << 20))
            try $0.finish(streamID: id)
          }
          let status = try await peer.readToEnd(id)
          #expect(status.first { $0.name == "grpc-status" }?.value == "0")
          let headers = peer.sections(id).first ?? []
          #expect(headers.first { $0.name == "grpc-encoding" }?.value == (flags.contains(1) ? "gzip" : nil))
          var messages: [MessageDeframer.Message] = []
          var deframer = MessageDeframer(limit: 1 << 20, acceptsCompressed: true)
          try peer.payload(id).withUnsafeBytes { try deframer.append($0, to: &messages) }
          #expect(messages.map { $0.isCompressed ? 1 : 0 } == flags)
        }
        try await withClient([endpoint]) { client in
          let received = try await client.stream(method) {
            try await $0.write(Self.message)
          } response: { response in
            try await response.messages.reduce(into: [[UInt8]]()) { $0.append($1) }
          }
          #expect(received == flags.map { _ in Self.message })
        }
      }
    }
  }

  @Test("Messages are compressed and restored away from the event loop")
  func offEventLoop() async throws {
    let onLoop = Mutex<[Bool]>([])
    let note = { @Sendable in
      let isOnLoop = MultiThreadedEventLoopGroup.currentEventLoop != nil
      onLoop.withLock { $0.append(isOnLoop) }
    }
    let service = TestService([
      "Note": { request, context in
        note()
        var iterator = request.messages.makeAsyncIterator()
        _ = try await iterator.next()
        note()
        return StreamingServerResponse { writer in
          try await writer.write(Self.message)
          note()
          return [:]
        }
      }
    ])
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.responseCompression = .gzip
    try await withServer(service, configuration: configuration) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        for (request, isCompressed) in [(Self.foreign, true), ([UInt8](), false)] {
          let before = try await peer.request(endStream: true)
          _ = try await peer.readToEnd(before)
          let fields =
            isCompressed ? [HTTP2Field("grpc-encoding", "gzip")] : [HTTP2Field("grpc-accept-encoding", "gzip")]
          let id = try await peer.send { session in
            let id = try session.submitRequest(
              [
                HTTP2Field(":method", "POST"), HTTP2Field(":scheme", "http"), HTTP2Field(":authority", "test"),
                HTTP2Field(":path", "/test.Service/Note"), HTTP2Field("content-type", "application/grpc"),
              ] + fields)
            try session.write(streamID: id, bytes: Self.framed(request, flag: isCompressed ? 1 : 0))
            try session.finish(streamID: id)
            return id
          }
          #expect(try await peer.readToEnd(id)["grpc-status"] == "0")
        }
      }
    }
    // It leaves to read a compressed message, or not before it writes one.
    #expect(onLoop.withLock { $0 } == [true, false, false, true, true, false])
  }

  @Test("A client that doesn't accept gzip gets none")
  func notAccepted() async throws {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.responseCompression = .gzip
    try await withServer(configuration: configuration) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request(method: "Collect")
        try await peer.send {
          try $0.write(streamID: id, bytes: MessageFraming.frame(Self.message, limit: 1 << 20))
          try $0.finish(streamID: id)
        }
        _ = try await peer.readToEnd(id)
        #expect(peer.sections(id).first?.contains { $0.name == "grpc-encoding" } == false)
        #expect(peer.payload(id) == (try MessageFraming.frame(Self.message, limit: 1 << 20)))
      }
    }
  }

  @Test(
    "The server reads what others compress and refuses what it can't",
    arguments: [
      ("gzip", framed(foreign), "0"), ("gzip", framed([1, 2], flag: 0), "0"), ("gzip", framed([1, 2, 3]), "13"),
      ("identity", framed(foreign), "13"), (nil, framed(foreign), "13"), ("gzip", framed(foreign, flag: 2), "13"),
      ("deflate", framed(foreign), "12"),
    ] as [(String?, [UInt8], String)])
  func requests(encoding: String?, body: [UInt8], status: String) async throws {
    try await withServer { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request(encoding.map { [HTTP2Field("grpc-encoding", $0)] } ?? [])
        // Refused by its headers, the stream may be closed before the body is written.
        try? await peer.send {
          try $0.write(streamID: id, bytes: body)
          try $0.finish(streamID: id)
        }
        let last = try await peer.readToEnd(id)
        #expect(last.first { $0.name == "grpc-status" }?.value == status)
        if status == "0", body.first == 1 {
          #expect(peer.payload(id) == Self.framed(Array("abc".utf8), flag: 0))
        }
      }
    }
  }

  @Test("A server that accepts no compressed requests refuses them and says what it takes, on the fast path as well")
  func requestsNotAccepted() async throws {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.acceptsCompressedRequests = false
    let fastPath = FastPath(method: TestService.method("Echo")) { _, _ in .reply([]) }
    try await withServer(configuration: configuration, fastPaths: [fastPath]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        for method in ["Echo", "Collect"] {
          let refused = try await peer.call(
            [HTTP2Field("grpc-encoding", "gzip")], method: method, body: Self.framed(Self.foreign))
          let answer = try await peer.readToEnd(refused)
          #expect(answer["grpc-status"] == "12" && answer["grpc-accept-encoding"] == "identity")
          #expect(answer["grpc-message"]?.hasSuffix("send identity.") == true)
          let unknown = try await peer.call([HTTP2Field("grpc-timeout", "never")], method: method, body: nil)
          #expect(try await peer.readToEnd(unknown)["grpc-accept-encoding"] == "identity")
          // A flag without the announcement is an error as ever.
          let marked = try await peer.call(
            [HTTP2Field("grpc-encoding", "identity")], method: method, body: Self.framed(Self.foreign))
          #expect(try await peer.readToEnd(marked)["grpc-status"] == "13")
          let plain = try await peer.call(method: method, body: [0, 0, 0, 0, 0])
          #expect(try await peer.readToEnd(plain)["grpc-status"] == "0")
        }
      }
    }
  }

  @Test("A message over the limit once it is restored is RESOURCE_EXHAUSTED, on either side")
  func limits() async throws {
    var small = Nghttp2ServerConfiguration.defaults
    small.maxReceiveMessageBytes = Self.message.count - 1
    try await withLoopback(server: small) { client in
      let error = await rpcError { _ = try await client.call("Collect", Self.message, options: Self.gzipOptions) }
      #expect(error?.code == .resourceExhausted)
    }
    var compressing = Nghttp2ServerConfiguration.defaults
    compressing.responseCompression = .gzip
    try await withLoopback(server: compressing) { client in
      var options = CallOptions.defaults
      options.maxResponseMessageBytes = Self.message.count - 1
      let error = await rpcError { _ = try await client.call("Collect", Self.message, options: options) }
      #expect(error?.code == .resourceExhausted)
    }
  }
}
