import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Synchronization
import TestSupport
import Testing

/// What holds for every call and therefore on the fast path.
@Suite(.timeLimit(.minutes(1))) struct FastPathLimitTests {
  private let recorder = FastPathRecorder()
  private static let message: [UInt8] = [0, 0, 0, 0, 1, 1]

  @Test("A reply over the limit fails its call and leaves the connection alone")
  func replyLimit() async throws {
    let fastPath = self.recorder.fastPath("Echo") { message, _ in .reply(message.array + message.array) }
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.maxSendMessageBytes = 10
    try await withServer(configuration: configuration, fastPaths: [fastPath]) { _, endpoint in
      try await withClient([endpoint]) { client in
        let error = await rpcError { _ = try await client.call("Echo", [1, 2, 3, 4, 5, 6]) }
        #expect(error?.code == .resourceExhausted)
        try await client.expect("Echo", [1, 2, 3, 4, 5], answer: [1, 2, 3, 4, 5, 1, 2, 3, 4, 5])
      }
    }
    #expect(self.recorder.codes == [.resourceExhausted, .ok])
  }

  @Test("A request whose deadline is over is DEADLINE_EXCEEDED, and nobody is asked")
  func expired() async throws {
    try await withServer(fastPaths: [self.recorder.echo()]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.call([HTTP2Field("grpc-timeout", "0n")], body: Self.message)
        #expect(try await peer.readToEnd(id)["grpc-status"] == "4")
      }
    }
    #expect(self.recorder.asked == 0)
    #expect(self.recorder.codes == [.deadlineExceeded])
  }

  @Test("A request that isn't complete by its deadline is answered then", arguments: [0, 3, 6])
  func expiresWhileIncomplete(count: Int) async throws {
    try await withServer(fastPaths: [self.recorder.echo()]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request([HTTP2Field("grpc-timeout", "20m")])
        try await peer.send { try $0.write(streamID: id, bytes: Array(Self.message.prefix(count))) }
        #expect(try await peer.readToEnd(id)["grpc-status"] == "4")
        // The rest of the request, should it still come, is nobody's; the connection goes on.
        _ = try? await peer.send { try $0.finish(streamID: id) }
        let next = try await peer.call(body: Self.message)
        #expect(try await peer.readToEnd(next)["grpc-status"] == "0")
      }
    }
    #expect(self.recorder.asked == 1)
    #expect(self.recorder.codes == [.deadlineExceeded, .ok])
  }

  @Test("The deadline, the metadata and the peer are known to it")
  func context() async throws {
    let seen = Mutex<FastPathContext?>(nil)
    let fastPath = self.recorder.fastPath("Echo") { _, context in
      seen.withLock { $0 = context }
      return .reply([])
    }
    try await withServer(fastPaths: [fastPath]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let fields = [
          HTTP2Field("grpc-timeout", "1H"), HTTP2Field("x-name", "value"), HTTP2Field("x-data-bin", "AAE, Ag=="),
        ]
        let id = try await peer.call(fields, body: Self.message)
        #expect(try await peer.readToEnd(id)["grpc-status"] == "0")
        // The bytes of other requests don't change what was kept.
        let next = try await peer.call([HTTP2Field("x-other", "else")], method: "Collect", body: Self.message)
        #expect(try await peer.readToEnd(next)["grpc-status"] == "0")
      }
    }
    let context = try #require(seen.withLock { $0 })
    #expect(Array(context.metadata[stringValues: "x-name"]) == ["value"])
    #expect(Array(context.metadata[binaryValues: "x-data-bin"]) == [[0, 1], [2]])
    #expect(context.metadata.count == 3)
    #expect(context.peer.remote.hasPrefix("ipv4:127.0.0.1:"))
    #expect(context.peer.identity == nil)
    let deadline = try #require(context.deadline)
    #expect(deadline > .now && deadline <= .now + .seconds(3600))
  }

  @Test("The client's verified identity is known to it")
  func identity() async throws {
    let fastPath = self.recorder.fastPath("Echo") { _, context in
      .reply(Array((context.peer.identity ?? "nobody").utf8))
    }
    let authority = try TestAuthority()
    try await withServer(security: .of("token-service", authority), fastPaths: [fastPath]) { _, endpoint in
      for workload in ["auth-verifier", "predict-service"] {
        try await withClient([endpoint], security: .of(workload, authority)) { client in
          try await client.expect("Echo", answer: Array("spiffe://temporis.test/\(workload)".utf8))
        }
      }
    }
  }

  @Test("Streams over the limit on concurrent ones are refused, pending requests counted")
  func concurrency() async throws {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.maxConcurrentStreams = 1
    try await withServer(configuration: configuration, fastPaths: [self.recorder.echo()]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        // Both before the client has read the limit.
        let first = try await peer.request()
        let second = try await peer.call(body: Self.message)
        _ = try await peer.read { $0.closeCode(second) != nil }
        #expect(peer.closeCode(second) == .refusedStream)
        try await peer.send { session in
          try session.write(streamID: first, bytes: Self.message)
          try session.finish(streamID: first)
        }
        #expect(try await peer.readToEnd(first)["grpc-status"] == "0")
      }
    }
    #expect(self.recorder.codes == [.ok])
  }

  @Test("While too many handlers run on after their calls were given up, its calls are refused as well")
  func abandonedHandlers() async throws {
    let gate = Event()
    let started = Event()
    let service = TestService([
      "Stuck": { _, _ in
        started.happen()
        // Cancellation doesn't reach another task.
        await Task { await gate.wait() }.value
        return StreamingServerResponse { _ in [:] }
      }
    ])
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.maxConcurrentStreams = 1
    try await withServer(service, configuration: configuration, fastPaths: [self.recorder.echo()]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let stuck = try await peer.request(method: "Stuck")
        await started.wait()
        try await peer.send { try $0.reset(streamID: stuck, code: .cancel) }
        let refused = try await peer.call(body: Self.message)
        _ = try await peer.read { $0.closeCode(refused) != nil }
        #expect(peer.closeCode(refused) == .refusedStream)
        gate.happen()
        try await eventually(until: {
          let next = try await peer.call(body: Self.message)
          return try await peer.readToEnd(next)["grpc-status"] == "0"
        })
      }
    }
    #expect(self.recorder.asked == 1)
  }

  @Test("A request given up before it is complete is counted as cancelled, by a reset or with its connection")
  func givenUp() async throws {
    try await withServer(fastPaths: [self.recorder.echo()]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let reset = try await peer.request()
        try await peer.send { try $0.write(streamID: reset, bytes: Array(Self.message.prefix(3))) }
        try await peer.roundTrip()
        try await peer.send { try $0.reset(streamID: reset, code: .cancel) }
        _ = try await peer.request()
        try await peer.roundTrip()
      }
      try await eventually(until: { self.recorder.codes.count == 2 })
    }
    #expect(self.recorder.asked == 0)
    #expect(self.recorder.codes == [.cancelled, .cancelled])
  }

  @Test("A call that began before a shutdown is answered before the connection closes")
  func draining() async throws {
    try await withServer(fastPaths: [self.recorder.echo()]) { server, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request()
        try await peer.send { try $0.write(streamID: id, bytes: Array(Self.message.prefix(3))) }
        try await peer.roundTrip()
        server.beginGracefulShutdown()
        _ = try await peer.read { peer in
          peer.events.contains { if case .goAway(lastStreamID: id, _, _) = $0 { true } else { false } }
        }
        try await peer.send { session in
          try session.write(streamID: id, bytes: Array(Self.message.dropFirst(3)))
          try session.finish(streamID: id)
        }
        #expect(try await peer.readToEnd(id)["grpc-status"] == "0")
        #expect(try await !peer.read { _ in false })
      }
    }
    #expect(self.recorder.codes == [.ok])
  }
}
