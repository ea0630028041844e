import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import TestSupport
import Testing

/// What becomes of calls that have a connection but aren't sent yet.
@Suite(.timeLimit(.minutes(1))) struct QueuedCallTests {
  /// A server that lets a client have one call at a time on each connection.
  static var oneCallAtATime: HTTP2Configuration {
    var configuration = HTTP2Configuration()
    configuration.maxConcurrentStreams = 1
    return configuration
  }

  /// Answers every call after the stream `id` with `answer`, or with its own stream id.
  static func serve(_ peer: RawPeer, after id: Int32 = 0, answer: UInt8? = nil) async throws {
    var id = id
    while true {
      id = try await peer.nextRequest(after: id)
      try await self.answer(peer, id, answer ?? UInt8(id))
    }
  }

  static func answer(_ peer: RawPeer, _ id: Int32, _ byte: UInt8) async throws {
    try await peer.respond(id, message: [byte])
    try await peer.send { try $0.finish(streamID: id, trailers: [HTTP2Field("grpc-status", "0")]) }
  }

  /// Answers a call once all of it has come.
  static func answer(_ peer: WirePeer, _ stream: UInt32) async throws {
    try await peer.read { $0.frames.contains { $0.streamID == stream && $0.isData && $0.flags & 1 == 1 } }
    try await peer.sendRaw(
      Wire.headers(stream, Wire.response + Wire.field("content-type", "application/grpc"))
        + Wire.data(stream, [0, 0, 0, 0, 1, 7])
        + Wire.headers(stream, Wire.field("grpc-status", "0"), flags: [.endHeaders, .endStream]))
  }

  @Test("Calls that the limit still holds back when the server goes away are answered on another connection")
  func goAway() async throws {
    let connections = Counter()
    let received = Event()
    let leave = Event()
    let gate = Event()
    try await RawPeer.listen(configuration: Self.oneCallAtATime) { peer in
      connections.add()
      guard connections.value == 1 else { return try await Self.serve(peer, answer: 2) }
      let id = try await peer.nextRequest()
      received.happen()
      await leave.wait()
      try await peer.send { try $0.submitGoAway() }
      await gate.wait()
      try await Self.answer(peer, id, 1)
      _ = try await peer.read { _ in false }
    } _: { endpoint in
      try await withClientTransport([endpoint]) { client, transport in
        async let held = client.call("Echo")
        await received.wait()
        let queued = (0..<2).map { _ in Task { try await client.call("Echo") } }
        try await eventually(until: { transport.waitingCalls == 2 })
        leave.happen()
        for call in queued { #expect(try await call.value == [2]) }
        gate.happen()
        let answer = try await held
        #expect(answer == [1])
      }
    }
  }

  @Test("A call that a limit of no calls holds back is sent once the server raises the limit")
  func raisedLimit() async throws {
    let waits = Event()
    try await WirePeer.listen(settings: [(3, 0)]) { peer in
      await waits.wait()
      // Whatever the client was free to send comes before the answer.
      try await peer.roundTrip()
      #expect(!peer.frames.contains { $0.isHeaders })
      try await peer.sendRaw(Wire.settings([(3, 1)]))
      try await Self.answer(peer, 1)
      try await peer.readToClose()
    } _: { endpoint in
      try await withClientTransport([endpoint]) { client, transport in
        async let answer = client.call("Echo")
        try await eventually(until: { transport.waitingCalls == 1 })
        waits.happen()
        #expect(try await answer == [7])
      }
    }
  }

  @Test("Once the server has lowered the limit, no more calls are open than it says")
  func loweredLimit() async throws {
    let first = 3
    let isLowered = Event()
    let waits = Event()
    let answers = Counter()
    try await WirePeer.listen(settings: [(3, 10)]) { peer in
      try await peer.read { $0.frames.count { $0.isHeaders } == first }
      try await peer.sendRaw(Wire.settings([(3, 1)]))
      // Acknowledged, as the first ones were.
      try await peer.read { $0.frames.count { $0.isSettingsAck } == 2 }
      isLowered.happen()
      await waits.wait()
      for answered in 0..<2 * first {
        try await peer.roundTrip()
        let opened = peer.frames.count { $0.isHeaders }
        // Those that were open go on, and no other comes beside them.
        #expect(opened <= max(first, answered + 1))
        try await Self.answer(peer, UInt32(2 * answered + 1))
        answers.add()
      }
      try await peer.readToClose()
    } _: { endpoint in
      try await withClientTransport([endpoint]) { client, transport in
        let calls = { (0..<first).map { _ in Task { try await client.call("Echo") } } }
        let before = calls()
        await isLowered.wait()
        let after = calls()
        try await eventually(until: { transport.waitingCalls == first })
        waits.happen()
        for call in before + after {
          let answer = try await call.value
          #expect(answer == [7])
        }
      }
    }
    // The client may have the last answer before the server has counted it.
    try await eventually(until: { answers.value == 2 * first })
  }

  @Test("Calls that a connection has no stream ids left for are made on another", arguments: [false, true])
  func usedUpStreamIDs(atOnce: Bool) async throws {
    var configuration = Nghttp2ClientConfiguration.defaults
    // Two more, and there are none.
    configuration.firstStreamID = Int32.max - 2
    try await withLoopback(CallTests.peerService, client: configuration) { client in
      let peers = try await withThrowingTaskGroup(of: [UInt8].self) { group in
        var peers: [[UInt8]] = []
        for _ in 0..<3 {
          group.addTask { try await client.call("Peer") }
          if !atOnce, let peer = try await group.next() { peers.append(peer) }
        }
        return try await group.reduce(into: peers) { $0.append($1) }
      }
      #expect(peers.count == 3)
      #expect(Set(peers).count == 2)
    }
  }

  @Test("A call whose connection ends before anything is written goes to another one")
  func goAwayBeforeHeaders() async throws {
    let connections = Counter()
    let leave = Event()
    try await RawPeer.listen { peer in
      connections.add()
      guard connections.value == 1 else { return try await Self.serve(peer, answer: 2) }
      try await peer.send { _ in }
      await leave.wait()
      try await peer.send { try $0.submitGoAway() }
      _ = try await peer.read { _ in false }
    } _: { endpoint in
      let transport = try Nghttp2ClientTransport(endpoints: [endpoint])
      try await withGRPCClient(transport: transport) { client in
        let answer = try await transport.withStream(descriptor: TestService.method("Echo"), options: .defaults) {
          stream, _ in
          leave.happen()
          // It has been heard when other calls go elsewhere.
          try await eventually(until: { (try? await client.call("Echo")) == [2] })
          try await stream.outbound.write(.metadata([:]))
          try await stream.outbound.write(.message([1]))
          await stream.outbound.finish()
          for try await case .message(let bytes) in stream.inbound { return bytes }
          return []
        }
        #expect(answer == [2])
      }
    }
  }

  @Test("A call that waits for ready waits for another connection until its deadline, too")
  func deadlineOfMovedCall() async throws {
    let connections = Counter()
    let received = Event()
    let leave = Event()
    try await RawPeer.listen(configuration: Self.oneCallAtATime) { peer in
      connections.add()
      // No other connection becomes ready.
      guard connections.value == 1 else { return }
      let id = try await peer.nextRequest()
      received.happen()
      await leave.wait()
      try await peer.send { try $0.submitGoAway() }
      try await Self.answer(peer, id, 1)
      _ = try await peer.read { _ in false }
    } _: { endpoint in
      try await withClientTransport([endpoint]) { client, transport in
        async let held = client.call("Echo")
        await received.wait()
        async let error = rpcError {
          _ = try await client.call("Echo", options: .options(timeout: .seconds(1), waitForReady: true))
        }
        try await eventually(until: { transport.waitingCalls == 1 })
        leave.happen()
        let code = await error?.code
        #expect(code == .deadlineExceeded)
        let answer = try await held
        #expect(answer == [1])
      }
    }
  }

  @Test("Calls given up while they wait for the limit leave nothing behind")
  func cancelled() async throws {
    let received = Event()
    let gate = Event()
    try await RawPeer.listen(configuration: Self.oneCallAtATime) { peer in
      let id = try await peer.nextRequest()
      received.happen()
      await gate.wait()
      try await Self.answer(peer, id, UInt8(id))
      try await Self.serve(peer, after: id)
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        async let held = client.call("Echo")
        await received.wait()
        for _ in 0..<20 {
          let error = await rpcError { _ = try await client.call("Echo", options: .options(timeout: .milliseconds(5))) }
          #expect(error?.code == .deadlineExceeded)
        }
        gate.happen()
        let first = try await held
        #expect(first == [1])
        // The next stream that a client opens after its first.
        try await client.expect("Echo", answer: [3])
      }
    }
  }
}
