import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Logging
import TestSupport
import Testing

/// What clients can make a server hold of their requests.
@Suite(.timeLimit(.minutes(1))) struct HeldBytesTests {
  /// A handler that reads nothing and returns once the gate opens, as one does that is busy.
  private static func busy(_ gate: Gate) -> TestService.Handler {
    { _, _ in
      await gate.wait()
      return StreamingServerResponse { writer in
        try await writer.write([])
        return [:]
      }
    }
  }

  private static func limited(_ connection: Int, server: Int = 1 << 30) -> Nghttp2ServerConfiguration {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.maxHeldBytesPerConnection = connection
    configuration.maxHeldBytes = server
    return configuration
  }

  /// The start of a message, all but its last byte.
  private static func beginning(_ count: Int) throws -> [UInt8] {
    try MessageFraming.frame([UInt8](repeating: 7, count: count), limit: count).dropLast()
  }

  private func waitUntilNothingIsHeld(_ server: TestServer) async throws {
    try await eventually(until: { server.transport.heldBytes == (0, 0) })
  }

  private func isRefused(_ peer: RawPeer, _ id: Int32, limit: String = "maxHeldBytesPerConnection") -> Bool {
    let last = peer.sections(id).last ?? []
    return last["grpc-status"] == "8" && last["grpc-message"]?.contains(limit) == true
  }

  /// Writes `bytes` on so many calls, and reads until some are refused and the others have sent all of it; returns
  /// those that weren't refused.
  private func fill(
    _ peer: RawPeer, calls: Int, method: String = "Collect", fields: [HTTP2Field] = [], _ bytes: [UInt8]
  ) async throws -> (refused: [Int32], open: [Int32]) {
    var ids: [Int32] = []
    for _ in 0..<calls {
      let id = try await peer.request(fields, method: method)
      ids.append(id)
      // Refused already by what the others hold, the stream may be closed.
      try? await peer.send { try $0.write(streamID: id, bytes: bytes) }
    }
    let open = ids
    _ = try await peer.read { peer in
      open.allSatisfy { peer.hasEnded($0) || peer.pendingBytes($0) == 0 }
    }
    try await peer.roundTrip()
    return (ids.filter { peer.hasEnded($0) }, ids.filter { !peer.hasEnded($0) })
  }

  @Test("Incomplete messages beyond the connection's budget end their calls, and the others go on")
  func incompleteMessages() async throws {
    try await withServer(configuration: Self.limited(400_000)) { server, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let (refused, open) = try await self.fill(peer, calls: 10, try Self.beginning(100_000))
        #expect(open.count >= 2 && refused.count >= 5)
        #expect(refused.allSatisfy { self.isRefused(peer, $0) })
        let held = server.transport.heldBytes.connections
        #expect(held >= 100_000 * open.count && held <= 400_000 + ConnectionBudget.step)
        // Beside them, on the same connection and on another.
        let small = try await peer.call(method: "Collect", body: [0, 0, 0, 0, 1, 1])
        #expect(try await peer.readToEnd(small)["grpc-status"] == "0")
        try await withClient([endpoint]) { client in
          let message = [UInt8](repeating: 7, count: 300_000)
          try await client.expect("Echo", message, answer: message)
        }
        for id in open {
          try await peer.send { session in
            try session.write(streamID: id, bytes: [7])
            try session.finish(streamID: id)
          }
          #expect(try await peer.readToEnd(id)["grpc-status"] == "0")
          #expect(peer.payload(id).count == 100_005)
        }
        try await self.waitUntilNothingIsHeld(server)
        // There is room again.
        let (refusedNow, openNow) = try await self.fill(peer, calls: 2, try Self.beginning(100_000))
        #expect(refusedNow.isEmpty && openNow.count == 2)
        #expect(server.transport.heldBytes.connections > 0)
      }
      // The connection is gone.
      try await self.waitUntilNothingIsHeld(server)
    }
  }

  @Test("What a reset call held is given back, of a handler that runs on as well")
  func resets() async throws {
    let gate = Gate()
    let service = TestService(["Busy": Self.busy(gate)])
    try await withServer(service, configuration: Self.limited(1 << 20)) { server, endpoint in
      // Within: the server waits for its handlers.
      defer { gate.open() }
      try await RawPeer.connect(to: endpoint) { peer in
        let whole = try MessageFraming.frame([UInt8](repeating: 7, count: 50_000), limit: 1 << 20)
        let ids = try await self.fill(peer, calls: 5, method: "Busy", whole + Self.beginning(10_000)).open
        #expect(ids.count == 5)
        #expect(server.transport.heldBytes.connections >= 250_000)
        try await peer.send { session in
          for id in ids { try session.reset(streamID: id, code: .cancel) }
        }
        try await self.waitUntilNothingIsHeld(server)
        gate.open()
      }
    }
  }

  @Test("Restored messages count with all they are, before they are made")
  func restoredMessages() async throws {
    let large = try Gzip.compress([UInt8](repeating: 0, count: 4 << 20))
    #expect(large.count < 5000)
    let body = [1] + Wire.big(UInt32(large.count)) + large
    try await withServer(configuration: Self.limited(10 << 20)) { server, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        var ids: [Int32] = []
        for _ in 0..<12 {
          let id = try await peer.request([HTTP2Field("grpc-encoding", "gzip")], method: "Collect")
          try await peer.send { try $0.write(streamID: id, bytes: body) }
          ids.append(id)
        }
        let all = ids
        // Two have room beside each other, and others may be in the middle of it at first.
        _ = try await peer.read { peer in all.count { peer.hasEnded($0) } >= 10 }
        let refused = all.filter { peer.hasEnded($0) }
        #expect(refused.allSatisfy { self.isRefused(peer, $0) })
        #expect(server.transport.heldBytes.connections <= 10 << 20 + ConnectionBudget.step)
        try await withClient([endpoint]) { client in
          try await client.expect("Collect", [1, 2], options: CompressionTests.gzipOptions, answer: [1, 2])
        }
        try await peer.send { session in
          for id in all where !peer.hasEnded(id) { try session.reset(streamID: id, code: .cancel) }
        }
        try await self.waitUntilNothingIsHeld(server)
      }
    }
  }

  @Test("Empty messages that nobody reads count with their places")
  func emptyMessages() async throws {
    let gate = Gate()
    let service = TestService(["Busy": Self.busy(gate)])
    try await withServer(service, configuration: Self.limited(1 << 20)) { server, endpoint in
      // Within: the server waits for its handlers.
      defer { gate.open() }
      try await RawPeer.connect(to: endpoint) { peer in
        // A window's worth, 13,000 messages.
        let (refused, _) = try await self.fill(
          peer, calls: 3, method: "Busy", [UInt8](repeating: 0, count: 65_000))
        #expect(refused.count == 3)
        #expect(refused.allSatisfy { self.isRefused(peer, $0) })
        gate.open()
        try await self.waitUntilNothingIsHeld(server)
      }
    }
  }

  @Test("Behind a client that takes no answers, empty messages pile up on neither side of a handler")
  func closedWindow() async throws {
    var closed = HTTP2Configuration()
    closed.streamWindowBytes = 0
    let answered = Counter()
    let service = TestService([
      "Empty": { request, _ in
        StreamingServerResponse { writer in
          for try await _ in request.messages {
            try await writer.write([])
            answered.add()
          }
          return [:]
        }
      }
    ])
    try await withServer(service, configuration: Self.limited(1 << 20)) { server, endpoint in
      try await RawPeer.connect(to: endpoint, configuration: closed) { peer in
        let (refused, open) = try await self.fill(
          peer, calls: 1, method: "Empty", [UInt8](repeating: 0, count: 65_000))
        #expect(refused.isEmpty != open.isEmpty)
        if !open.isEmpty {
          try await eventually(until: { answered.value >= 900 })
        }
        try await peer.send { session in
          for id in open { try session.reset(streamID: id, code: .cancel) }
        }
        try await self.waitUntilNothingIsHeld(server)
        // 64 KiB with 69 bytes each.
        #expect(answered.value <= 1000)
      }
    }
  }

  @Test("Metadata of open calls counts beyond what a small call may hold")
  func metadata() async throws {
    let gate = Gate()
    let service = TestService(["Busy": Self.busy(gate)])
    try await withServer(service, configuration: Self.limited(300_000)) { server, endpoint in
      // Within: the server waits for its handlers.
      defer { gate.open() }
      try await RawPeer.connect(to: endpoint) { peer in
        let large = [HTTP2Field("x-large", String(repeating: "a", count: 15_000))]
        let (refused, open) = try await self.fill(peer, calls: 30, method: "Busy", fields: large, [])
        #expect(!open.isEmpty && refused.count >= 10)
        #expect(refused.allSatisfy { self.isRefused(peer, $0) })
        // Small calls are none of it.
        for _ in 0..<20 {
          let id = try await peer.call(method: "Collect", body: [0, 0, 0, 0, 1, 1])
          #expect(try await peer.readToEnd(id)["grpc-status"] == "0")
        }
        gate.open()
        try await peer.send { session in
          for id in open { try session.finish(streamID: id) }
        }
        try await self.waitUntilNothingIsHeld(server)
      }
    }
  }

  @Test("A request for a fast path counts while it is incomplete", arguments: [false, true])
  func fastPath(resets: Bool) async throws {
    let recorder = FastPathRecorder()
    try await withServer(configuration: Self.limited(400_000), fastPaths: [recorder.echo()]) { server, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        let (refused, open) = try await self.fill(peer, calls: 10, method: "Echo", try Self.beginning(100_000))
        #expect(!open.isEmpty && refused.count >= 5)
        #expect(refused.allSatisfy { self.isRefused(peer, $0) })
        #expect(server.transport.heldBytes.connections >= 100_000 * open.count)
        #expect(recorder.asked == 0)
        for id in open {
          try await peer.send { session in
            guard !resets else { return try session.reset(streamID: id, code: .cancel) }
            try session.write(streamID: id, bytes: [7])
            try session.finish(streamID: id)
          }
          if !resets {
            #expect(try await peer.readToEnd(id)["grpc-status"] == "0")
          }
        }
        try await self.waitUntilNothingIsHeld(server)
        #expect(recorder.asked == (resets ? 0 : open.count))
      }
    }
  }

  @Test("Beyond the server's budget a connection with more than its share is refused, and others get theirs")
  func fairShare() async throws {
    let gate = Gate()
    let service = TestService(["Busy": Self.busy(gate)])
    let message = [UInt8](repeating: 7, count: 100_000)
    try await withServer(service, configuration: Self.limited(1 << 30, server: 1 << 20)) { server, endpoint in
      // Within: the server waits for its handlers.
      defer { gate.open() }
      try await withClient([endpoint]) { greedy in
        try await withClient([endpoint]) { modest in
          let refusals = Counter()
          await withTaskGroup(of: RPCError?.self) { group in
            for _ in 0..<14 {
              group.addTask { await rpcError { _ = try await greedy.call("Busy", message) } }
            }
            // Ten have room.
            for await case let error? in group {
              #expect(error.code == .resourceExhausted && error.message.contains("(maxHeldBytes)"))
              refusals.add()
              guard refusals.value < 3 else { break }
            }
            let before = server.transport.heldBytes
            #expect(before.server >= 800_000)
            // Half of the limit is the share of each.
            for _ in 0..<4 {
              group.addTask {
                let error = await rpcError { _ = try await modest.call("Busy", message) }
                #expect(error == nil)
                return nil
              }
            }
            try? await eventually(until: { server.transport.heldBytes.connections >= before.connections + 380_000 })
            #expect(server.transport.heldBytes.server > 1 << 20)
            // What a call takes by being open is too much now for the one, and not for the other.
            let further = await rpcError { _ = try await greedy.call("Collect", [1]) }
            #expect(further?.code == .resourceExhausted)
            #expect((try? await modest.call("Collect", [1])) == [1])
            gate.open()
            await group.waitForAll()
          }
          try await greedy.expect("Collect", [1], answer: [1])
        }
      }
      try await self.waitUntilNothingIsHeld(server)
    }
  }

  @Test("A message larger than the connection may hold is refused, whatever its own limit is")
  func largerThanBudget() async throws {
    try await withServer(configuration: Self.limited(1 << 20)) { server, endpoint in
      try await withClient([endpoint]) { client in
        let error = await rpcError { _ = try await client.call("Collect", [UInt8](repeating: 7, count: 2 << 20)) }
        #expect(error?.code == .resourceExhausted)
        try await client.expect("Collect", [1], answer: [1])
      }
      try await self.waitUntilNothingIsHeld(server)
    }
  }
}
