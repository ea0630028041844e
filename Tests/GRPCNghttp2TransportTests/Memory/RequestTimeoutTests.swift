import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import TestSupport
import Testing

/// The time that a client may take with a request.
@Suite(.timeLimit(.minutes(1))) struct RequestTimeoutTests {
  private static let message: [UInt8] = [0, 0, 0, 0, 1, 1]

  private static var impatient: Nghttp2ServerConfiguration {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.requestTimeout = .milliseconds(40)
    return configuration
  }

  private func expectTimeout(_ peer: RawPeer, _ id: Int32, sourceLocation: SourceLocation = #_sourceLocation)
    async throws
  {
    let last = try await peer.readToEnd(id)
    #expect(last["grpc-status"] == "4", sourceLocation: sourceLocation)
    #expect(last["grpc-message"] == "The request was not completed in time.", sourceLocation: sourceLocation)
  }

  @Test("A request that its client doesn't complete is DEADLINE_EXCEEDED", arguments: [0, 3, 5, 6, 9, 12])
  func incomplete(count: Int) async throws {
    try await withServer(configuration: Self.impatient) { server, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request(method: "Collect")
        try await peer.send { try $0.write(streamID: id, bytes: Array((Self.message + Self.message).prefix(count))) }
        try await self.expectTimeout(peer, id)
        let next = try await peer.call(method: "Collect", body: Self.message)
        #expect(try await peer.readToEnd(next)["grpc-status"] == "0")
      }
      try await eventually(until: { server.transport.heldBytes == (0, 0) })
    }
  }

  @Test("A request for a fast path is no exception", arguments: [0, 3, 6])
  func fastPath(count: Int) async throws {
    let recorder = FastPathRecorder()
    try await withServer(configuration: Self.impatient, fastPaths: [recorder.echo()]) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request()
        try await peer.send { try $0.write(streamID: id, bytes: Array(Self.message.prefix(count))) }
        try await self.expectTimeout(peer, id)
        let next = try await peer.call(body: Self.message)
        #expect(try await peer.readToEnd(next)["grpc-status"] == "0")
      }
    }
    #expect(recorder.codes == [.deadlineExceeded, .ok])
  }

  @Test("The time begins anew with each message")
  func progress() async throws {
    var configuration = Self.impatient
    configuration.requestTimeout = .milliseconds(400)
    try await withServer(configuration: configuration) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request()
        let begin = ContinuousClock.now
        // Three times as long as a client may take for one message.
        for round in 1... {
          try await peer.send { try $0.write(streamID: id, bytes: Self.message) }
          _ = try await peer.read { $0.payload(id).count >= round * Self.message.count || $0.hasEnded(id) }
          guard ContinuousClock.now < begin + .milliseconds(1200) else { break }
        }
        try await peer.send { try $0.finish(streamID: id) }
        #expect(try await peer.readToEnd(id)["grpc-status"] == "0")
      }
    }
  }

  @Test(
    "A complete request isn't hurried, nor is one that its handler doesn't want to read on", arguments: [true, false])
  func slowHandler(isComplete: Bool) async throws {
    let gate = Gate()
    let service = TestService([
      "Slow": { request, _ in
        var iterator = request.messages.makeAsyncIterator()
        _ = try await iterator.next()
        await gate.wait()
        return StreamingServerResponse { _ in [:] }
      }
    ])
    try await withServer(service, configuration: Self.impatient) { _, endpoint in
      // Within: the server waits for its handlers.
      defer { gate.open() }
      try await RawPeer.connect(to: endpoint) { peer in
        let slow = try await peer.request(method: "Slow")
        try await peer.send { session in
          try session.write(streamID: slow, bytes: Self.message)
          if isComplete {
            try session.finish(streamID: slow)
          }
        }
        // Others run out of time meanwhile, several times over.
        for _ in 0..<4 {
          let id = try await peer.request(method: "Collect")
          try await self.expectTimeout(peer, id)
        }
        #expect(!peer.hasEnded(slow))
        gate.open()
        #expect(try await peer.readToEnd(slow)["grpc-status"] == "0")
      }
    }
  }

  @Test("Messages that wait for their handler don't make their client late")
  func unreadMessages() async throws {
    let gate = Gate()
    let service = TestService([
      "Later": { request, _ in
        await gate.wait()
        var count = 0
        for try await _ in request.messages { count += 1 }
        let answer = [UInt8(count)]
        return StreamingServerResponse { writer in
          try await writer.write(answer)
          return [:]
        }
      }
    ])
    try await withServer(service, configuration: Self.impatient) { _, endpoint in
      // Within: the server waits for its handlers.
      defer { gate.open() }
      try await RawPeer.connect(to: endpoint) { peer in
        let later = try await peer.request(method: "Later")
        // The third is incomplete, and its client may have no window to send the rest.
        try await peer.send {
          try $0.write(streamID: later, bytes: Self.message + Self.message + Self.message.prefix(3))
        }
        for _ in 0..<4 {
          let id = try await peer.request(method: "Collect")
          try await self.expectTimeout(peer, id)
        }
        try await peer.send { session in
          try session.write(streamID: later, bytes: Array(Self.message.dropFirst(3)))
          try session.finish(streamID: later)
        }
        gate.open()
        #expect(try await peer.readToEnd(later)["grpc-status"] == "0")
        #expect(peer.payload(later) == [0, 0, 0, 0, 1, 3])
      }
    }
  }

  @Test("Without a limit a client may take any time")
  func unlimited() async throws {
    try await withServer { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let id = try await peer.request(method: "Collect")
        let end = ContinuousClock.now + .milliseconds(300)
        try await eventually(until: { ContinuousClock.now > end })
        try await peer.roundTrip()
        #expect(!peer.hasEnded(id))
        try await peer.send { try $0.finish(streamID: id) }
        #expect(try await peer.readToEnd(id)["grpc-status"] == "0")
      }
    }
  }
}
