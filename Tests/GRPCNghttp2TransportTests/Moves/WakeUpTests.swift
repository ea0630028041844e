import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import TestSupport
import Testing

/// What calls that wait for a connection cost while others go on.
@Suite(.timeLimit(.minutes(1))) struct WakeUpTests {
  /// Reads the first requests of a connection, and returns their streams.
  static func requests(_ peer: RawPeer, _ count: Int) async throws -> [Int32] {
    _ = try await peer.read { peer in
      peer.events.count { if case .endStream = $0 { true } else { false } } == count
    }
    return (0..<Int32(count)).map { 2 * $0 + 1 }
  }

  @Test("Calls that wait for a connection aren't woken by the ends of calls that they can't take the place of")
  func endsOnDrainingConnection() async throws {
    let ending = 500
    let waiting = 2000
    let connections = Counter()
    let isFull = Event()
    let canEnd = Event()
    let canConnect = Event()
    var server = HTTP2Configuration()
    server.maxConcurrentStreams = UInt32(waiting + ending)
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.connectTimeout = .seconds(3600)
    try await RawPeer.listen(configuration: server) { peer in
      connections.add()
      guard connections.value == 1 else {
        // Not one that a call could get until then.
        await canConnect.wait()
        let streams = try await Self.requests(peer, waiting)
        for stream in streams { try await QueuedCallTests.answer(peer, stream, 2) }
        _ = try await peer.read { _ in false }
        return
      }
      let streams = try await Self.requests(peer, ending)
      try await peer.send { session in
        try session.submitGoAway()
        try session.ping(payload: 1)
      }
      // It has read that.
      _ = try await peer.read { $0.events.contains { if case .pingAcknowledged = $0 { true } else { false } } }
      isFull.happen()
      await canEnd.wait()
      for stream in streams { try await QueuedCallTests.answer(peer, stream, 1) }
      _ = try await peer.read { _ in false }
    } _: { endpoint in
      let transport = try Nghttp2ClientTransport(endpoints: [endpoint], configuration: configuration)
      try await withGRPCClient(transport: transport) { client in
        let first = (0..<ending).map { _ in Task { try await client.call("Echo") } }
        await isFull.wait()
        let options = CallOptions.options(waitForReady: true)
        let others = (0..<waiting).map { _ in Task { try await client.call("Echo", options: options) } }
        try await eventually(until: { transport.waitingCalls == waiting })
        let wakeUps = transport.wakeUps
        canEnd.happen()
        for call in first { #expect(try await call.value == [1]) }
        #expect(transport.wakeUps == wakeUps)
        canConnect.happen()
        for call in others { #expect(try await call.value == [2]) }
        #expect(transport.wakeUps == wakeUps + waiting)
      }
    }
  }
}
