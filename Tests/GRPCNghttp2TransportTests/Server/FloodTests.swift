import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import TestSupport
import Testing

/// Peers that send much and want nothing; beside each, a good client's calls go on.
@Suite(.timeLimit(.minutes(1))) struct FloodTests {
  /// A flood: what comes first, what is repeated, and how often at most.
  struct Flood: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var first: [WireFrame] = []
    var frames: [WireFrame]
    /// A thousand of the frames at once, and as often as that.
    var batches = 100
  }

  @Test(
    "A flood of frames that move no call on ends the connection with ENHANCE_YOUR_CALM",
    arguments: [
      Flood(testDescription: "PING", frames: [.ping()]),
      Flood(testDescription: "answers to no PING", frames: [.ping(isAnswer: true)]),
      Flood(testDescription: "SETTINGS", frames: [.settings()]),
      Flood(testDescription: "SETTINGS that change all windows", frames: [.settings([(4, 100)]), .settings([(4, 1)])]),
      Flood(testDescription: "PRIORITY", frames: [.priority(1), .priority(3)]),
      Flood(testDescription: "WINDOW_UPDATE of the connection", frames: [.windowUpdate(0, 1)]),
      Flood(testDescription: "WINDOW_UPDATE of a call", first: [.headers(1)], frames: [.windowUpdate(1, 1)]),
      Flood(testDescription: "empty DATA", first: [.headers(1)], frames: [.data(1)]),
      Flood(
        testDescription: "DATA of nothing but padding", first: [.headers(1)], frames: [.data(1, [2, 0, 0], flags: 8)]),
    ])
  func idleFrames(flood: Flood) async throws {
    try await withBadPeer { peer in
      try await peer.handshake()
      for frame in flood.first { try await peer.send(frame) }
      let batch = (0..<1000).map { flood.frames[$0 % flood.frames.count] }
      #expect(try await peer.flood(batch, limit: flood.batches))
      try await peer.readToClose()
      // A socket closed with bytes unread takes what it sent last with it.
      #expect([nil, .enhanceYourCalm].contains(peer.goAwayCode))
    }
  }

  /// A server that bears every ping, so that none of them is what ends a connection.
  static var bearingPings: Nghttp2ServerConfiguration {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.minPingInterval = .zero
    configuration.permitsPingsWithoutCalls = true
    return configuration
  }

  /// Makes calls from a stream on and resets each at once.
  static func resets(from first: UInt32, count: UInt32) -> [WireFrame] {
    stride(from: first, to: first + 2 * count, by: 2).flatMap { [.headers($0), .reset($0)] }
  }

  @Test(
    "A flood of calls that are reset at once ends the connection, once there were more than the burst allowed",
    arguments: [nil, 2000])
  func rapidReset(burst: Int?) async throws {
    var configuration = Self.bearingPings
    if let burst {
      configuration.maxResetBurst = burst
      configuration.maxResetsPerSecond = 10
    }
    let allowed = configuration.maxResetBurst
    try await withBadPeer(configuration: configuration) { peer in
      try await peer.handshake()
      var id: UInt32 = 1
      var isClosed = false
      // As many again as a slow machine earns meanwhile, and more.
      while !isClosed, id < 200_000 {
        isClosed = try await peer.flood(Self.resets(from: id, count: 100), limit: 1)
        id += 200
        #expect(!isClosed || id / 2 > allowed)
      }
      #expect(isClosed)
    }
  }

  @Test("A client that resets as many calls, but no more each second than is allowed, is served on")
  func slowResets() async throws {
    var configuration = Self.bearingPings
    configuration.maxResetBurst = 100
    configuration.maxResetsPerSecond = 100
    try await withBadPeer(configuration: configuration) { peer in
      try await peer.handshake()
      var id: UInt32 = 1
      for _ in 0..<4 {
        #expect(try await peer.flood(Self.resets(from: id, count: 90), limit: 1) == false)
        id += 180
        // The server counts in whole seconds of its own.
        let next = ContinuousClock.now + .seconds(1)
        try await eventually(until: { ContinuousClock.now > next })
      }
      try await peer.send(.headers(id, flags: 5))
      #expect(try await peer.read { $0.isEnded(id) })
      #expect(peer.goAwayCode == nil)
      // The same at once is too much.
      #expect(try await peer.flood(Self.resets(from: id + 2, count: 1000), limit: 1))
    }
  }

  @Test("A client that cancels a few thousand calls keeps its connection")
  func honestCancellations() async throws {
    let waiting = TestService([
      "Wait": { _, _ in
        try await Task.sleep(for: .seconds(60))
        return StreamingServerResponse { _ in [:] }
      }
    ])
    try await withServer(waiting) { _, endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        try await peer.roundTrip()
        for _ in 0..<30 {
          var ids: [Int32] = []
          for _ in 0..<100 { ids.append(try await peer.request(method: "Wait")) }
          let open = ids
          try await peer.send { session in
            for id in open { try session.reset(streamID: id, code: .cancel) }
          }
        }
        let id = try await peer.request(endStream: true)
        #expect(try await peer.readToEnd(id)["grpc-status"] == "0")
        #expect(!peer.events.contains { if case .goAway = $0 { true } else { false } })
      }
    }
  }

  @Test("CONTINUATION frames without end close the connection, empty or not", arguments: [0, 10])
  func continuations(bytes: Int) async throws {
    try await withBadPeer { peer in
      try await peer.handshake()
      try await peer.send(.headers(1, flags: 0))
      let field = WireFrame.hpack([HTTP2Field("x", String(repeating: "y", count: bytes))])
      let batch = Array(repeating: WireFrame.continuation(1, bytes == 0 ? [] : field), count: 10)
      #expect(try await peer.flood(batch, limit: 10))
    }
  }

  @Test("Calls so malformed that the server resets them end the connection in the end")
  func malformedCalls() async throws {
    try await withBadPeer(configuration: Self.bearingPings) { peer in
      try await peer.handshake()
      var id: UInt32 = 1
      var isClosed = false
      for _ in 0..<200 where !isClosed {
        var batch: [WireFrame] = []
        for _ in 0..<50 {
          batch += [.headers(id), .windowUpdate(id, 0)]
          id += 2
        }
        isClosed = try await peer.flood(batch, limit: 1)
      }
      #expect(isClosed)
    }
  }

  @Test("Windows opened byte by byte to make the answer leave in crumbs end the connection")
  func crumbs() async throws {
    let service = TestService([
      "Big": { _, _ in
        StreamingServerResponse { writer in
          while true { try await writer.write([UInt8](repeating: 1, count: 50_000)) }
        }
      }
    ])
    try await withBadPeer(service) { peer in
      try await peer.handshake(settings: [(4, 0)])
      // Many at a time, or the way there and back would take most of it.
      let streams = stride(from: 1 as UInt32, to: 100, by: 2)
      let request = WireFrame.request(method: "Big")
      try await peer.sendRaw(streams.flatMap { WireFrame.headers($0, request, flags: 5).bytes })
      let openings = streams.flatMap { WireFrame.windowUpdate($0, 1).bytes }
      var isClosed = false
      for _ in 0..<1000 where !isClosed {
        do {
          try await peer.sendRaw(openings)
          isClosed = !(try await peer.read { $0.frames.count { $0.type == 0 } >= 50 })
          peer.forget()
        } catch {
          isClosed = true
        }
      }
      #expect(isClosed)
    }
  }

  @Test("Fields without a name cost their call alone")
  func emptyNames() async throws {
    try await withBadPeer { peer in
      try await peer.handshake()
      let fields = WireFrame.request(Array(repeating: HTTP2Field("", ""), count: 100))
      try await peer.send(.headers(1, fields, flags: 5), .headers(3, flags: 5))
      #expect(try await peer.read { $0.isEnded(1) && $0.isEnded(3) })
      #expect(peer.resetCode(1) == .protocolError)
      #expect(peer.resetCode(3) == nil)
    }
  }
}
