import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Synchronization
import TestSupport
import Testing

/// What ends a call that waits for its promised answer, and what doesn't.
@Suite(.timeLimit(.minutes(1))) struct WaitingCallTests {
  private let recorder = FastPathRecorder()
  private let answers = PromisedAnswers()
  private static let message: [UInt8] = [0, 0, 0, 0, 1, 1]

  private var promising: FastPath { self.recorder.fastPath("Echo", self.answers.handler) }

  @Test("A call that waits beyond its deadline is DEADLINE_EXCEEDED, and a later answer is nobody's")
  func deadline() async throws {
    try await withServer(fastPaths: [self.promising]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        // On a busy machine it may pass before the fast path is asked; then the call is made again.
        while self.recorder.asked == 0 {
          let id = try await peer.call([HTTP2Field("grpc-timeout", "50m")], body: Self.message)
          try #require(try await peer.readToEnd(id)["grpc-status"] == "4")
        }
        try await self.answers.take().echo()
        let next = try await peer.call(body: Self.message)
        try await self.answers.take().echo()
        #expect(try await peer.readToEnd(next)["grpc-status"] == "0")
      }
    }
    #expect(self.recorder.asked == 2)
    #expect(self.recorder.codes.last == .ok)
    #expect(self.recorder.codes.dropLast().allSatisfy { $0 == .deadlineExceeded })
  }

  @Test("A call that its client resets is cancelled, and a later answer is nobody's")
  func reset() async throws {
    try await withServer(fastPaths: [self.promising]) { server, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.call(body: Self.message)
        let promised = try await self.answers.take()
        try await peer.send { try $0.reset(streamID: id, code: .cancel) }
        try await eventually(until: { self.recorder.codes == [.cancelled] })
        promised.echo()
        let next = try await peer.call(body: Self.message)
        try await self.answers.take().echo()
        #expect(try await peer.readToEnd(next)["grpc-status"] == "0")
        #expect(peer.sections(id).isEmpty)
      }
      try await eventually(until: { server.transport.heldBytes == (0, 0) })
    }
    #expect(self.recorder.codes == [.cancelled, .ok])
  }

  @Test("A call that is reset in the same burst is cancelled")
  func resetAtOnce() async throws {
    try await withServer(fastPaths: [self.promising]) { _, endpoint in
      try await WirePeer.connect(to: endpoint) { peer in
        try await peer.handshake()
        try await peer.send(.headers(1), .data(1, Self.message, flags: 1), .reset(1))
        try await eventually(until: { self.recorder.codes == [.cancelled] })
        try await self.answers.take().echo()
        try await peer.roundTrip()
        #expect(!peer.frames.contains { $0.isHeaders })
      }
    }
    #expect(self.recorder.codes == [.cancelled])
  }

  @Test("Calls are cancelled with their connection, and answers are ignored from then on, after the server's end, too")
  func connectionClosed() async throws {
    let promised = try await withServer(fastPaths: [self.promising]) { server, endpoint in
      let promised = try await RawPeer.connect(to: endpoint) { peer in
        for _ in 0..<3 {
          _ = try await peer.call(body: Self.message)
        }
        return try await self.answers.take(3)
      }
      try await eventually(until: { self.recorder.codes.count == 3 })
      promised[0].echo()
      promised[1].promise.complete(with: .fallThrough)
      try await eventually(until: { server.transport.heldBytes == (0, 0) })
      return promised
    }
    promised[2].echo()
    #expect(self.recorder.codes == [.cancelled, .cancelled, .cancelled])
  }

  @Test("A shutdown waits for the answer, and for the handler of a call that falls through", arguments: [false, true])
  func draining(fallsThrough: Bool) async throws {
    try await withServer(fastPaths: [self.promising]) { server, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.call(body: Self.message)
        let promised = try await self.answers.take()
        server.beginGracefulShutdown()
        _ = try await peer.read { peer in
          peer.events.contains { if case .goAway(lastStreamID: id, _, _) = $0 { true } else { false } }
        }
        #expect(!peer.hasEnded(id))
        promised.promise.complete(with: fallsThrough ? .fallThrough : .reply([2]))
        #expect(try await peer.readToEnd(id)["grpc-status"] == "0")
        #expect(peer.payload(id) == [0, 0, 0, 0, 1, fallsThrough ? 1 : 2])
        #expect(try await !peer.read { _ in false })
      }
    }
    #expect(self.recorder.codes == (fallsThrough ? [] : [.ok]))
  }

  @Test("A call that isn't answered within the grace period of a shutdown is cancelled")
  func gracePeriod() async throws {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.shutdownGracePeriod = .milliseconds(50)
    let promised = try await withServer(configuration: configuration, fastPaths: [self.promising]) { server, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        _ = try await peer.call(body: Self.message)
        let promised = try await self.answers.take()
        server.beginGracefulShutdown()
        #expect(try await !peer.read { _ in false })
        return promised
      }
    }
    #expect(self.recorder.codes == [.cancelled])
    promised.echo()
  }

  @Test("The client of a call that waits has completed its request, and isn't hurried")
  func notOverdue() async throws {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.requestTimeout = .milliseconds(40)
    try await withServer(configuration: configuration, fastPaths: [self.promising]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.call(body: Self.message)
        let promised = try await self.answers.take()
        // Others run out of time meanwhile, several times over.
        for _ in 0..<4 {
          let late = try await peer.request()
          #expect(try await peer.readToEnd(late)["grpc-message"] == "The request was not completed in time.")
        }
        #expect(!peer.hasEnded(id))
        promised.echo()
        #expect(try await peer.readToEnd(id)["grpc-status"] == "0")
      }
    }
    #expect(self.recorder.asked == 1)
    #expect(self.recorder.codes == [.deadlineExceeded, .deadlineExceeded, .deadlineExceeded, .deadlineExceeded, .ok])
  }

  /// What must not come on a stream whose request has ended.
  struct Surplus: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let frame: WireFrame

    static let all = [
      Surplus(testDescription: "DATA", frame: .data(1, [0, 0, 0, 0, 1, 2])),
      Surplus(testDescription: "DATA that ends it again", frame: .data(1, [0, 0, 0, 0, 1, 2], flags: 1)),
      Surplus(testDescription: "trailers", frame: .headers(1, [HTTP2Field("x-checksum", "1")], flags: 5)),
      Surplus(testDescription: "another request", frame: .headers(1, flags: 5)),
    ]
  }

  @Test(
    "More of a request that has ended never reaches a call that waits: it ends the connection",
    arguments: Surplus.all, [false, true])
  func surplus(_ surplus: Surplus, inOneBurst: Bool) async throws {
    try await withServer(fastPaths: [self.promising]) { _, endpoint in
      try await WirePeer.connect(to: endpoint) { peer in
        try await peer.handshake()
        if inOneBurst {
          try await peer.send(.headers(1), .data(1, Self.message, flags: 1), surplus.frame)
        } else {
          try await peer.send(.headers(1), .data(1, Self.message, flags: 1))
          try await eventually(until: { self.recorder.asked == 1 })
          try await peer.send(surplus.frame)
        }
        try await peer.readToClose()
        #expect(peer.frames.compactMap(\.goAwayCode) == [.streamClosed])
        #expect(!peer.frames.contains { $0.isHeaders })
      }
      try await eventually(until: { self.recorder.codes == [.cancelled] })
      for answer in self.answers.takeAll() { answer.echo() }
    }
    #expect(self.recorder.asked == 1)
    #expect(self.recorder.codes == [.cancelled])
  }

  @Test("Calls that wait count among the concurrent ones")
  func concurrency() async throws {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.maxConcurrentStreams = 1
    try await withServer(configuration: configuration, fastPaths: [self.promising]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        // Both before the client has read the limit.
        let first = try await peer.call(body: Self.message)
        let second = try await peer.call(body: Self.message)
        _ = try await peer.read { $0.closeCode(second) != nil }
        #expect(peer.closeCode(second) == .refusedStream)
        try await self.answers.take().echo()
        #expect(try await peer.readToEnd(first)["grpc-status"] == "0")
      }
    }
    #expect(self.recorder.codes == [.ok])
  }

  @Test("A promise whose call was given up counts as a handler that runs on", arguments: [false, true])
  func abandoned(completes: Bool) async throws {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.maxConcurrentStreams = 1
    try await withServer(configuration: configuration, fastPaths: [self.promising]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.call(body: Self.message)
        try await eventually(until: { self.recorder.asked == 1 })
        try await peer.send { try $0.reset(streamID: id, code: .cancel) }
        let refused = try await peer.call(method: "Collect", body: Self.message)
        _ = try await peer.read { $0.closeCode(refused) != nil }
        #expect(peer.closeCode(refused) == .refusedStream)
        if completes {
          try await self.answers.take().echo()
        } else {
          // It is let go.
          _ = try await self.answers.take()
        }
        try await eventually(until: {
          let next = try await peer.call(method: "Collect", body: Self.message)
          return try await peer.readToEnd(next)["grpc-status"] == "0"
        })
      }
    }
    #expect(self.recorder.codes == [.cancelled])
  }

  @Test("A call that is given up keeps no other waiting if no work for it goes on, and its completion counts for none")
  func nothingAbandoned() async throws {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.maxConcurrentStreams = 1
    let fastPath = self.recorder.fastPath("Echo", self.answers.handler(outlivesCall: false))
    try await withServer(configuration: configuration, fastPaths: [fastPath]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        for _ in 0..<3 {
          let id = try await peer.call(body: Self.message)
          let answer = try await self.answers.take()
          try await peer.send { try $0.reset(streamID: id, code: .cancel) }
          let next = try await peer.call(method: "Collect", body: Self.message)
          #expect(try await peer.readToEnd(next)["grpc-status"] == "0")
          answer.echo()
        }
      }
    }
    #expect(self.recorder.codes == [.cancelled, .cancelled, .cancelled])
  }

  @Test("Requests that wait count in the connection's budget, and beyond it are RESOURCE_EXHAUSTED")
  func budget() async throws {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.maxHeldBytesPerConnection = 400_000
    let body = try MessageFraming.frame([UInt8](repeating: 7, count: 100_000), limit: 100_000)
    try await withServer(configuration: configuration, fastPaths: [self.promising]) { server, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        var ids: [Int32] = []
        for _ in 0..<10 {
          ids.append(try await peer.call(body: body))
        }
        let all = ids
        _ = try await peer.read { peer in all.allSatisfy { peer.hasEnded($0) || peer.pendingBytes($0) == 0 } }
        try await peer.roundTrip()
        let refused = all.filter { peer.hasEnded($0) }
        #expect(refused.count >= 5 && all.count - refused.count >= 2)
        #expect(refused.allSatisfy { peer.sections($0).last?["grpc-status"] == "8" })
        #expect(server.transport.heldBytes.connections >= 100_000 * (all.count - refused.count))
        for answer in self.answers.takeAll() { answer.echo() }
        for id in all where !refused.contains(id) {
          #expect(try await peer.readToEnd(id)["grpc-status"] == "0")
          #expect(peer.payload(id).count == 100_006)
        }
        try await eventually(until: { server.transport.heldBytes == (0, 0) })
      }
    }
    #expect(self.recorder.codes.count == 10)
  }
}
