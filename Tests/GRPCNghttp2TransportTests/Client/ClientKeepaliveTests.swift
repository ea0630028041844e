import GRPCCore
import GRPCNghttp2Transport
import Glibc
import HTTP2Session
import HTTP2TestSupport
import NIOCore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct ClientKeepaliveTests {
  static func keepalive(time: Duration, timeout: Duration = .seconds(20), idle: Bool = false) -> ClientKeepalive {
    var keepalive = ClientKeepalive()
    keepalive.time = time
    keepalive.timeout = timeout
    keepalive.permitsWithoutCalls = idle
    return keepalive
  }

  @Test("A ping follows the time without an arrival, and death the timeout without one after it")
  func state() {
    let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    var state = KeepaliveState(Self.keepalive(time: .seconds(30)), now: start)
    #expect(state.step(now: start, hasCalls: true) == .wait(until: start + .seconds(30)))
    var isAnswer = state.received(now: start + .seconds(10))
    #expect(!isAnswer)
    #expect(state.step(now: start + .seconds(30), hasCalls: true) == .wait(until: start + .seconds(40)))
    #expect(state.step(now: start + .seconds(40), hasCalls: true) == .ping)
    #expect(state.step(now: start + .seconds(40), hasCalls: true) == .wait(until: start + .seconds(60)))
    isAnswer = state.received(now: start + .seconds(50))
    #expect(isAnswer)
    #expect(state.step(now: start + .seconds(60), hasCalls: true) == .wait(until: start + .seconds(80)))
    #expect(state.step(now: start + .seconds(80), hasCalls: true) == .ping)
    #expect(state.step(now: start + .seconds(100), hasCalls: true) == .dead)
  }

  @Test("Without calls nothing is pinged, unless that is permitted")
  func idle() {
    let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    var resting = KeepaliveState(Self.keepalive(time: .seconds(30)), now: start)
    #expect(resting.step(now: start + .seconds(90), hasCalls: false) == .rest)
    #expect(resting.step(now: start + .seconds(91), hasCalls: true) == .ping)
    var pinging = KeepaliveState(Self.keepalive(time: .seconds(30), idle: true), now: start)
    #expect(pinging.step(now: start + .seconds(90), hasCalls: false) == .ping)
  }

  @Test("A server that stops answering loses its calls as UNAVAILABLE, and the next go to another connection")
  func dead() async throws {
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.keepalive = Self.keepalive(time: .milliseconds(20), timeout: .seconds(1))
    let connections = Counter()
    let gate = Event()
    try await RawPeer.listen { peer in
      connections.add()
      guard connections.value == 1 else { return try await QueuedCallTests.serve(peer, answer: 2) }
      _ = try await peer.nextRequest()
      // Reads nothing more, and so answers no ping.
      await gate.wait()
    } _: { endpoint in
      try await withClient([endpoint], configuration: configuration) { client in
        let error = await rpcError { _ = try await client.call("Echo") }
        #expect(error?.code == .unavailable)
        #expect(error?.message == "The server does not answer any more.")
        // A busy machine may take the second server for dead as well.
        try await eventually(until: { (try? await client.call("Echo", options: .options(waitForReady: true))) == [2] })
      }
      gate.happen()
    }
    #expect(connections.value >= 2)
  }

  @Test("Over TCP what a pinging client sends must be acknowledged within the timeout, as nobody else's must")
  func userTimeout() async throws {
    for (keepalive, milliseconds) in [(Self.keepalive(time: .seconds(30), timeout: .seconds(7)), CInt(7000)), (nil, 0)]
    {
      var configuration = Nghttp2ClientConfiguration.defaults
      configuration.keepalive = keepalive
      try await withServer { _, endpoint in
        guard case .host(_, let port) = endpoint else { throw TimedOut() }
        try await withClient([endpoint], configuration: configuration) { client in
          try await client.expect("Echo", [1], answer: [1])
          #expect(Self.userTimeouts(ofSocketsTo: port) == [milliseconds])
        }
      }
    }
  }

  /// Looks at this process's own sockets.
  static func userTimeouts(ofSocketsTo port: Int) -> [CInt] {
    (0..<CInt(4096)).compactMap { socket in
      var address = sockaddr_in()
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let result = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(socket, $0, &length) }
      }
      guard result == 0, address.sin_family == AF_INET, UInt16(bigEndian: address.sin_port) == port else { return nil }
      var timeout: CInt = -1
      var size = socklen_t(MemoryLayout<CInt>.size)
      getsockopt(socket, CInt(IPPROTO_TCP), TCP_USER_TIMEOUT, &timeout, &size)
      return timeout
    }
  }

  @Test("A call that takes long survives as long as its server answers the pings")
  func alive() async throws {
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.keepalive = Self.keepalive(time: .milliseconds(10))
    try await RawPeer.listen { peer in
      let id = try await peer.nextRequest()
      // Reading answers.
      _ = try await peer.read { $0.pings >= 5 }
      try await QueuedCallTests.answer(peer, id, 1)
      _ = try await peer.read { _ in false }
    } _: { endpoint in
      try await withClient([endpoint], configuration: configuration) { client in
        try await client.expect("Echo", answer: [1])
      }
    }
  }

  @Test("A server that says anything after a ping is alive, were it not even a whole frame")
  func talking() async throws {
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.keepalive = Self.keepalive(time: .milliseconds(20), timeout: .seconds(3))
    try await WirePeer.listen { peer in
      try await peer.sendRaw(Wire.settings(flags: .ack))
      // A frame of a kind that nobody knows (RFC 9113 section 4.1).
      var frame = Wire.frame(0xfa, [UInt8](repeating: 0, count: 9))[...]
      for count in 1...9 {
        try await peer.read { $0.frames.count { $0.type == 6 && $0.flags == 0 } >= count }
        try await peer.sendRaw([UInt8](frame.prefix(2)))
        frame = frame.dropFirst(2)
      }
      try await peer.sendRaw(
        Wire.headers(1, Wire.response + Wire.field("content-type", "application/grpc"))
          + Wire.data(1, [0, 0, 0, 0, 1, 7])
          + Wire.headers(1, Wire.field("grpc-status", "0"), flags: [.endHeaders, .endStream]))
      try await peer.readToClose()
    } _: { endpoint in
      try await withClient([endpoint], configuration: configuration) { client in
        try await client.expect("Echo", answer: [7])
      }
    }
  }

  static func tooManyPings(last: Int32, code: UInt8 = 0xb, debugData: String = "too_many_pings") -> [UInt8] {
    TransparentRetryTests.goAway(last: UInt8(last), code: code, debugData: debugData)
  }

  @Test("A client that is told of too many pings reconnects, and pings half as often each time")
  func tooManyPings() async throws {
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.keepalive = Self.keepalive(time: .milliseconds(1))
    let complaints = 11
    let connections = Counter()
    let lastPings = Counter()
    try await RawPeer.listen { peer in
      connections.add()
      let id = try await peer.nextRequest()
      if connections.value <= complaints {
        _ = try await peer.read { $0.pings >= 1 }
        try await peer.sendRaw(Self.tooManyPings(last: id))
        try await QueuedCallTests.answer(peer, id, 1)
        _ = try await peer.read { _ in false }
      } else {
        // The time has grown to two seconds.
        try await Task.sleep(for: .milliseconds(50))
        try await QueuedCallTests.answer(peer, id, 1)
        _ = try await peer.nextRequest(after: id)
        lastPings.add(peer.pings)
        try await QueuedCallTests.answer(peer, id + 2, 1)
        _ = try await peer.read { _ in false }
      }
    } _: { endpoint in
      try await withClient([endpoint], configuration: configuration) { client in
        for _ in 0..<complaints + 2 {
          try await client.expect("Echo", options: .options(waitForReady: true), answer: [1])
        }
      }
    }
    #expect(connections.value == complaints + 1)
    #expect(lastPings.value == 0)
  }

  @Test("However often a server says it on one connection, the next pings half as often")
  func repeatedly() async throws {
    try await self.expectPings(after: 1, word: Self.tooManyPings(last: 1), times: 100)
  }

  @Test(
    "A server that leaves for another reason is pinged as before",
    arguments: [(0xb, ""), (0xb, "too_many_pings!"), (0, "too_many_pings")] as [(UInt8, String)])
  func otherWords(code: UInt8, debugData: String) async throws {
    try await self.expectPings(after: 25, word: Self.tooManyPings(last: 1, code: code, debugData: debugData), times: 1)
  }

  /// Has a server send a word some `times` on each connection up to the `last`, and expects a ping on the next.
  func expectPings(after last: Int, word: [UInt8], times: Int) async throws {
    var configuration = Nghttp2ClientConfiguration.defaults
    configuration.keepalive = Self.keepalive(time: .milliseconds(1))
    let connections = Counter()
    try await RawPeer.listen { peer in
      connections.add()
      let id = try await peer.nextRequest()
      if connections.value <= last {
        try await peer.sendRaw((0..<times).flatMap { _ in word })
      } else {
        // After that many doublings there would be none.
        _ = try await peer.read { $0.pings >= 1 }
      }
      try await QueuedCallTests.answer(peer, id, 1)
      _ = try await peer.read { _ in false }
    } _: { endpoint in
      try await withClient([endpoint], configuration: configuration) { client in
        for _ in 0...last {
          try await client.expect("Echo", options: .options(waitForReady: true), answer: [1])
        }
      }
    }
    #expect(connections.value == last + 1)
  }
}
