import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Synchronization
import TestSupport
import Testing

/// The timeout that a server is told of is what remains when the request leaves.
@Suite(.timeLimit(.minutes(1))) struct RemainingTimeTests {
  static let timeout = Duration.seconds(20)
  static let delay = Duration.milliseconds(100)

  /// Reads the next request and what its client says is left.
  static func next(_ peer: RawPeer, after id: Int32 = 0) async throws -> (id: Int32, timeout: Duration?) {
    let id = try await peer.nextRequest(after: id)
    let text = peer.sections(id).first?["grpc-timeout"]
    return (id, text.flatMap { CallTimeout(parsing: $0)?.duration })
  }

  /// Fails a call in a way that may be retried: without the headers of a response.
  static func fail(_ peer: RawPeer, _ id: Int32) async throws {
    let fields = [
      HTTP2Field(":status", "200"), HTTP2Field("content-type", "application/grpc"), HTTP2Field("grpc-status", "14"),
    ]
    try await peer.send { try $0.submitResponse(streamID: id, fields: fields, endStream: true) }
  }

  static func pass(since start: ContinuousClock.Instant, _ time: Duration = delay) async throws {
    try await eventually(until: { ContinuousClock.now - start >= time })
  }

  @Test("Waiting for a connection takes from the time")
  func connection() async throws {
    let seen = Mutex<Duration?>(nil)
    try await RawPeer.listen { peer in
      // Until it speaks there is no connection.
      try await Self.pass(since: .now)
      let (id, timeout) = try await Self.next(peer)
      seen.withLock { $0 = timeout }
      try await QueuedCallTests.answer(peer, id, 1)
      _ = try await peer.read { _ in false }
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        try await client.expect("Echo", options: .options(timeout: Self.timeout), answer: [1])
      }
    }
    let timeout = try #require(seen.withLock { $0 })
    #expect(timeout > .zero && timeout <= Self.timeout - Self.delay)
  }

  @Test("Waiting for the server's limit takes from the time, that of an earlier attempt included")
  func turn() async throws {
    let seen = Mutex<[Duration?]>([])
    let isReceived = Event()
    let isQueued = Event()
    try await RawPeer.listen(configuration: QueuedCallTests.oneCallAtATime) { peer in
      let first = try await Self.next(peer)
      isReceived.happen()
      await isQueued.wait()
      let start = ContinuousClock.now
      try await Self.pass(since: start)
      try await Self.fail(peer, first.id)
      // The other call, while the second attempt waits.
      let other = try await Self.next(peer, after: first.id)
      try await Self.pass(since: start, Self.delay * 2)
      try await QueuedCallTests.answer(peer, other.id, 1)
      let second = try await Self.next(peer, after: other.id)
      seen.withLock { $0 = [first.timeout, other.timeout, second.timeout] }
      try await QueuedCallTests.answer(peer, second.id, 1)
      _ = try await peer.read { _ in false }
    } _: { endpoint in
      try await withClientTransport([endpoint], configuration: RetryPolicyTests.retrying()) { client, transport in
        async let retried = client.call("Echo", options: .options(timeout: Self.timeout))
        await isReceived.wait()
        async let other = client.call("Echo", options: .options(timeout: Self.timeout))
        try await eventually(until: { transport.waitingCalls == 1 })
        isQueued.happen()
        let answers = try await (retried, other)
        #expect(answers.0 == [1] && answers.1 == [1])
      }
    }
    let timeouts = seen.withLock { $0 }.compactMap { $0 }
    try #require(timeouts.count == 3)
    #expect(timeouts.allSatisfy { $0 > .zero })
    #expect(timeouts[0] <= Self.timeout)
    #expect(timeouts[1] <= Self.timeout - Self.delay)
    #expect(timeouts[2] <= Self.timeout - Self.delay * 2)
  }

  @Test("A call whose time is over before its turn comes is never sent")
  func over() async throws {
    let received = Event()
    let gate = Event()
    try await RawPeer.listen(configuration: QueuedCallTests.oneCallAtATime) { peer in
      let first = try await Self.next(peer)
      received.happen()
      await gate.wait()
      try await QueuedCallTests.answer(peer, first.id, 1)
      try await QueuedCallTests.serve(peer, after: first.id)
    } _: { endpoint in
      let transport = try Nghttp2ClientTransport(endpoints: [endpoint])
      try await withGRPCClient(transport: transport) { client in
        async let held = client.call("Echo")
        await received.wait()
        // The transport alone, without the timer of GRPCCore.
        let options = CallOptions.options(timeout: .milliseconds(1))
        async let error = rpcError {
          try await transport.withStream(descriptor: TestService.method("Echo"), options: options) { stream, _ in
            for try await _ in stream.inbound {}
          }
        }
        let code = await error?.code
        #expect(code == .deadlineExceeded)
        gate.happen()
        let answer = try await held
        #expect(answer == [1])
        // The second stream that the client opens.
        try await client.expect("Echo", answer: [3])
      }
    }
  }
}
