import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Synchronization
import Testing

/// The rules that the fast path's documentation states.
@Suite(.timeLimit(.minutes(1))) struct FastPathTests {
  private let recorder = FastPathRecorder()

  @Test(
    "A whole request is answered without its handler, small or larger than the windows", arguments: [0, 1, 3_000_000])
  func answered(size: Int) async throws {
    let message = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try await withServer(fastPaths: [self.recorder.echo()]) { _, endpoint in
      try await withClient([endpoint]) { client in
        try await client.expect("Echo", message, answer: [FastPathRecorder.mark] + message)
        // Other methods have their handlers.
        try await client.expect("Collect", [7], answer: [7])
      }
    }
    #expect(self.recorder.asked == 1)
    #expect(self.recorder.codes == [.ok])
    #expect(self.recorder.calls.first?.method == TestService.method("Echo"))
  }

  @Test("What it lets fall through reaches the handler whole, and the observer hears nothing of it")
  func fallsThrough() async throws {
    let service = TestService([
      "Show": { request, context in
        let metadata = request.metadata
        let messages = try await request.messages.reduce(into: [[UInt8]]()) { $0.append($1) }
        return StreamingServerResponse(metadata: metadata) { writer in
          try await writer.write(contentsOf: messages)
          return ["x-method": "\(context.descriptor.method)"]
        }
      }
    ])
    let fastPath = self.recorder.fastPath("Show") { _, _ in .fallThrough }
    try await withServer(service, fastPaths: [fastPath]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let message = try MessageFraming.frame([1, 2, 3], limit: 10)
        let id = try await peer.call([HTTP2Field("x-name", "value")], method: "Show", body: message)
        let trailers = try await peer.readToEnd(id)
        #expect(peer.sections(id).first?["x-name"] == "value")
        #expect(peer.payload(id) == message)
        #expect(trailers["grpc-status"] == "0")
        #expect(trailers["x-method"] == "Show")
      }
    }
    #expect(self.recorder.asked == 1)
    #expect(self.recorder.codes.isEmpty)
  }

  @Test("The deadline of a request that falls through holds for its handler")
  func deadlineFallsThrough() async throws {
    let waiting = DeadlineAndCancellationTests.Waiting()
    let service = TestService([
      "Remaining": { _, context in
        let remaining = context.deadline.map { ContinuousClock.now.duration(to: $0) }
        return StreamingServerResponse { writer in
          try await writer.write(remaining.map { $0 > .zero && $0 <= .seconds(3600) ? [1] : [2] } ?? [0])
          return [:]
        }
      },
      "Wait": waiting.service.handlers["Wait"] ?? TestService.echo,
    ])
    let fastPaths = ["Remaining", "Wait"].map { self.recorder.fastPath($0) { _, _ in .fallThrough } }
    try await withServer(service, fastPaths: fastPaths) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let message = try MessageFraming.frame([], limit: 10)
        let seen = try await peer.call([HTTP2Field("grpc-timeout", "1H")], method: "Remaining", body: message)
        #expect(try await peer.readToEnd(seen)["grpc-status"] == "0")
        #expect(peer.payload(seen) == (try MessageFraming.frame([1], limit: 10)))
        // On a busy machine it may pass before the handler is asked; then the call is made again.
        while !waiting.started.hasHappened {
          let over = try await peer.call([HTTP2Field("grpc-timeout", "100m")], method: "Wait", body: message)
          try #require(try await peer.readToEnd(over)["grpc-status"] == "4")
        }
      }
      await waiting.handleCancelled.wait()
    }
  }

  @Test("A compressed request falls through, and its handler reads what was compressed")
  func compressedFallsThrough() async throws {
    let service = TestService(["Probe": CompressionTests.probe])
    let message = CompressionTests.message
    try await withServer(service, fastPaths: [self.recorder.echo("Probe")]) { _, endpoint in
      try await withClient([endpoint]) { client in
        try await client.expect("Probe", message, options: CompressionTests.gzipOptions, answer: [1] + message)
        #expect(self.recorder.asked == 0)
        try await client.expect("Probe", message, answer: [FastPathRecorder.mark] + message)
      }
    }
    #expect(self.recorder.codes == [.ok])
  }

  /// A request that isn't one whole message.
  struct OddRequest: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var body: [UInt8]?
    var trailers: [HTTP2Field]?

    static let all = [
      OddRequest(testDescription: "no message, ended by the headers", body: nil),
      OddRequest(testDescription: "no message, ended by an empty frame", body: []),
      OddRequest(testDescription: "half a prefix", body: [0, 0, 0]),
      OddRequest(testDescription: "half a message", body: [0, 0, 0, 0, 2, 1]),
      OddRequest(testDescription: "two messages", body: [0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 2]),
      OddRequest(testDescription: "a message and a half", body: [0, 0, 0, 0, 1, 1, 0, 0]),
      OddRequest(testDescription: "a compressed message", body: [1, 0, 0, 0, 1, 1]),
      OddRequest(
        testDescription: "a message over the limit", body: [0, 0, 0, 0, 101] + [UInt8](repeating: 1, count: 101)),
      OddRequest(testDescription: "the prefix of one over the limit", body: [0, 0xff, 0xff, 0xff, 0xff]),
      OddRequest(
        testDescription: "trailers", body: [0, 0, 0, 0, 1, 1], trailers: [HTTP2Field("x-checksum", "1")]),
    ]
  }

  @Test("Any other request gets what its handler answers, byte for byte", arguments: OddRequest.all)
  func oddRequests(_ request: OddRequest) async throws {
    // The same handler with and without a fast path.
    let service = TestService(["Plain": TestService.echo])
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.maxReceiveMessageBytes = 100
    try await withServer(service, configuration: configuration, fastPaths: [self.recorder.echo()]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let ids = [
          try await peer.call(method: "Plain", body: request.body, trailers: request.trailers),
          try await peer.call(method: "Echo", body: request.body, trailers: request.trailers),
        ]
        for id in ids {
          #expect(try await peer.readToEnd(id)["grpc-status"] != nil)
        }
        #expect(peer.sections(ids[0]) == peer.sections(ids[1]))
        #expect(peer.payload(ids[0]) == peer.payload(ids[1]))
      }
    }
    #expect(self.recorder.asked == 0)
    #expect(self.recorder.codes.isEmpty)
  }

  @Test("A request that comes byte by byte is answered when it is complete")
  func byteByByte() async throws {
    var configuration = Nghttp2ServerConfiguration.defaults
    // Each round trip is a ping.
    configuration.minPingInterval = .zero
    try await withServer(configuration: configuration, fastPaths: [self.recorder.echo()]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request()
        for byte in try MessageFraming.frame([1, 2, 3], limit: 10) {
          try await peer.roundTrip()
          try await peer.send { try $0.write(streamID: id, bytes: [byte]) }
        }
        try await peer.roundTrip()
        #expect(self.recorder.asked == 0)
        try await peer.send { try $0.finish(streamID: id) }
        #expect(try await peer.readToEnd(id)["grpc-status"] == "0")
        #expect(peer.payload(id) == [0, 0, 0, 0, 4, FastPathRecorder.mark, 1, 2, 3])
      }
    }
    #expect(self.recorder.codes == [.ok])
  }

  @Test("Its answer looks like a handler's")
  func sameFields() async throws {
    let service = TestService(["Plain": TestService.echo])
    let fastPath = self.recorder.fastPath("Echo") { message, _ in .reply(message.array) }
    try await withServer(service, fastPaths: [fastPath]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let ids = [
          try await peer.call(method: "Plain", body: [0, 0, 0, 0, 1, 1]),
          try await peer.call(method: "Echo", body: [0, 0, 0, 0, 1, 1]),
        ]
        for id in ids {
          _ = try await peer.readToEnd(id)
        }
        #expect(peer.sections(ids[0]) == peer.sections(ids[1]))
        #expect(peer.payload(ids[0]) == peer.payload(ids[1]))
      }
    }
    #expect(self.recorder.asked == 1)
  }

  @Test("Its errors look like a handler's")
  func errors() async throws {
    let fastPath = self.recorder.fastPath("Echo") { message, _ in
      .error(
        RPCError(
          code: .notFound, message: "Nö: 100 %", metadata: ["x-detail-bin": .binary([0, 255, 1])]))
    }
    try await withServer(fastPaths: [fastPath]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let failed = try MessageFraming.frame([5] + Array("Nö: 100 %".utf8), limit: 100)
        let ids = [
          try await peer.call(method: "Fail", body: failed), try await peer.call(method: "Echo", body: failed),
        ]
        for id in ids {
          #expect(try await peer.readToEnd(id)["grpc-status"] == "5")
        }
        #expect(peer.sections(ids[0]) == peer.sections(ids[1]))
      }
    }
    #expect(self.recorder.codes == [.notFound])
  }
}
