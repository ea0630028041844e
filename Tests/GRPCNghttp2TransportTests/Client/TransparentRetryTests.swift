import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import TestSupport
import Testing

/// Calls that a server says it never processed are made again, those that it may have processed never.
@Suite(.timeLimit(.minutes(1))) struct TransparentRetryTests {
  /// A GOAWAY whose last stream is `last`.
  static func goAway(last: UInt8, code: UInt8 = 0, debugData: String = "") -> [UInt8] {
    [0, 0, 8 + UInt8(debugData.utf8.count), 7, 0, 0, 0, 0, 0, 0, 0, 0, last, 0, 0, 0, code] + debugData.utf8
  }

  /// Serves the first connection with `first` and echoes the payload of every call on the others.
  static func withServer(
    first: @escaping @Sendable (RawPeer) async throws -> Void, configuration: HTTP2Configuration = HTTP2Configuration(),
    client: Nghttp2ClientConfiguration = .defaults, _ body: @escaping @Sendable (TestClient) async throws -> Void
  ) async throws -> Int {
    try await self.withServer(
      first: first, configuration: configuration, client: client,
      transport: { client, _ in
        try await body(client)
      })
  }

  /// The same with the client's transport.
  static func withServer(
    first: @escaping @Sendable (RawPeer) async throws -> Void, configuration: HTTP2Configuration = HTTP2Configuration(),
    client: Nghttp2ClientConfiguration = .defaults,
    transport body: @escaping @Sendable (TestClient, Nghttp2ClientTransport) async throws -> Void
  ) async throws -> Int {
    let connections = Counter()
    try await RawPeer.listen(configuration: configuration) { peer in
      connections.add()
      if connections.value == 1 {
        try await first(peer)
      }
      try await Self.echo(peer)
    } _: { endpoint in
      try await withClientTransport([endpoint], configuration: client) { try await body($0, $1) }
    }
    return connections.value
  }

  static func echo(_ peer: RawPeer, after id: Int32 = 0) async throws {
    var id = id
    while true {
      id = try await peer.nextRequest(after: id)
      try await Self.answer(peer, id, payload: peer.payload(id))
    }
  }

  static func answer(_ peer: RawPeer, _ id: Int32, payload: [UInt8]) async throws {
    try await peer.respond(id)
    try await peer.send { session in
      try session.write(streamID: id, bytes: payload)
      try session.finish(streamID: id, trailers: [HTTP2Field("grpc-status", "0")])
    }
  }

  @Test("A call above the last stream of a GOAWAY is made again on another connection, byte for byte")
  func aboveGoAway() async throws {
    let received = Event()
    let leave = Event()
    let connections = try await Self.withServer { peer in
      let id = try await peer.nextRequest()
      received.happen()
      _ = try await peer.nextRequest(after: id)
      await leave.wait()
      try await peer.sendRaw(Self.goAway(last: UInt8(id)))
      try await Self.answer(peer, id, payload: peer.payload(id))
      _ = try await peer.read { _ in false }
    } _: { client in
      async let kept = client.call("Echo", [1, 2, 3])
      await received.wait()
      async let moved = client.stream("Echo") { writer in
        for byte: UInt8 in 0..<5 { try await writer.write([byte, byte]) }
        leave.happen()
      } response: { response in
        try await response.messages.reduce(into: []) { $0.append($1) }
      }
      let movedAnswer = try await moved
      #expect(movedAnswer == [[0, 0], [1, 1], [2, 2], [3, 3], [4, 4]])
      let keptAnswer = try await kept
      #expect(keptAnswer == [1, 2, 3])
    }
    #expect(connections == 2)
  }

  @Test("A call that goes on writing while it is moved loses none of its messages and doubles none")
  func movedWhileWriting() async throws {
    let count = 200
    let half = Event()
    let connections = try await Self.withServer { peer in
      // The first half and the next message may be anywhere on their way.
      _ = try await peer.read { $0.payload(1).count >= 6 * count / 2 }
      half.happen()
      try await peer.sendRaw(Self.goAway(last: 0))
      _ = try await peer.read { _ in false }
    } _: { client in
      let messages = try await client.stream("Echo") { writer in
        for index in 0..<count {
          try await writer.write([UInt8(index)])
          if index == count / 2 { await half.wait() }
        }
      } response: { response in
        try await response.messages.reduce(into: []) { $0 += $1 }
      }
      #expect(messages == (0..<count).map { UInt8($0) })
    }
    #expect(connections == 2)
  }

  @Test("A refused stream is tried again once; a second refusal is UNAVAILABLE")
  func refused() async throws {
    let refusals = Counter()
    let connections = try await Self.withServer { peer in
      var id: Int32 = 0
      for _ in 0..<3 {
        id = try await peer.nextRequest(after: id)
        refusals.add()
        let stream = id
        try await peer.send { try $0.reset(streamID: stream, code: .refusedStream) }
      }
      try await Self.echo(peer, after: id)
    } _: { client in
      // Refused twice.
      #expect(await rpcError { _ = try await client.call("Echo", [7]) }?.code == .unavailable)
      #expect(refusals.value == 2)
      // Refused once.
      try await client.expect("Echo", [8], answer: [8])
    }
    #expect(refusals.value == 3)
    #expect(connections == 1)
  }

  @Test("A call that the server may have processed is not made again")
  func processed() async throws {
    let calls = Counter()
    let connections = Counter()
    try await RawPeer.listen { peer in
      connections.add()
      switch connections.value {
      case 1:
        // Its last stream is the call's.
        let id = try await peer.nextRequest()
        calls.add()
        try await peer.sendRaw(Self.goAway(last: UInt8(id)))
      case 2:
        // Refused after its answer began.
        let id = try await peer.nextRequest()
        calls.add()
        try await peer.respond(id)
        try await peer.sendRaw(Self.goAway(last: UInt8(id)))
        try await peer.send { try $0.reset(streamID: id, code: .refusedStream) }
        _ = try await peer.read { _ in false }
      default:
        // Lost without a word.
        _ = try await peer.nextRequest()
        calls.add()
      }
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        for expected in 1...3 {
          let options = CallOptions.options(waitForReady: true)
          #expect(await rpcError { _ = try await client.call("Echo", options: options) }?.code == .unavailable)
          #expect(calls.value == expected)
        }
      }
    }
    #expect(connections.value == 3)
  }

  @Test("Calls that a server refuses at once are made elsewhere, and it is given few more")
  func refusingServer() async throws {
    let refusals = Counter()
    let answers = Counter()
    try await RawPeer.listen { peer in
      var id: Int32 = 0
      while true {
        id = try await peer.nextRequest(after: id)
        let stream = id
        refusals.add()
        try await peer.send { try $0.reset(streamID: stream, code: .refusedStream) }
      }
    } _: { refusing in
      try await RawPeer.listen {
        try await Self.echo($0)
      } _: { serving in
        try await withClient([refusing, serving]) { client in
          // Until both are connected.
          try await eventually(until: {
            if (try? await client.call("Echo", [1])) == [1] { answers.add() }
            return refusals.value > 0 && answers.value > 0
          })
          let before = refusals.value
          for _ in 0..<200 { try await client.expect("Echo", [1], answer: [1]) }
          #expect(refusals.value - before < 50)
        }
      }
    }
  }

  @Test("A request larger than what is kept of it is not made again")
  func tooLarge() async throws {
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.maxReplayBytes = 100
    let refusing: @Sendable (RawPeer) async throws -> Void = { peer in
      let id = try await peer.nextRequest()
      let next = try await peer.nextRequest(after: id)
      try await peer.send { session in
        try session.reset(streamID: id, code: .refusedStream)
        try session.reset(streamID: next, code: .refusedStream)
      }
      try await Self.echo(peer, after: next)
    }
    let connections = try await Self.withServer(first: refusing, client: configuration) { client in
      async let large = rpcError { _ = try await client.call("Echo", [UInt8](repeating: 1, count: 96)) }
      // With its prefix exactly as much as is kept.
      try await client.expect("Echo", [UInt8](repeating: 1, count: 95), answer: [UInt8](repeating: 1, count: 95))
      let code = await large?.code
      #expect(code == .unavailable)
    }
    #expect(connections == 1)
  }

  @Test("Requests that a full socket holds back go to another connection when theirs is lost")
  func fullSocket() async throws {
    // 9 MB, far more than the buffers of both ends take (4 MiB by default), of which the first server reads nothing.
    let count = 600
    let value = String(repeating: "x", count: 15_000)
    let gate = Event()
    let answered = Counter()
    let connections = Counter()
    try await RawPeer.listen(receiveBuffer: 4096) { peer in
      connections.add()
      if connections.value == 1 {
        let id = try await peer.nextRequest()
        try await peer.stopReading()
        try await Self.answer(peer, id, payload: peer.payload(id))
        await gate.wait()
        return
      }
      try await Self.echo(peer)
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        // A connection that was lost before it could be used would fail its calls.
        try await client.expect("Echo", [1], answer: [1])
        let started = Counter()
        let calls = (0..<count).map { _ in
          Task {
            started.add()
            do {
              _ = try await client.call("Echo", [1], metadata: ["x-value": .string(value)])
              answered.add()
            } catch {}
          }
        }
        try await eventually(until: { started.value == count })
        // All are given to the connection by the time that one that comes after them has failed.
        _ = await rpcError { _ = try await client.call("Echo", options: .options(timeout: .milliseconds(200))) }
        gate.happen()
        for call in calls { await call.value }
      }
    }
    // What was written may have been processed and is lost, and how much a socket takes is the system's matter; the
    // rest isn't. Without the hold-back none would be answered.
    #expect(answered.value > 0)
    #expect(connections.value >= 2)
  }
}
