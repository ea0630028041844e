import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Testing

/// How long a server bears with a client.
@Suite(.timeLimit(.minutes(1))) struct ConnectionLimitTests {
  /// For limits that nothing has to come before.
  static let short = Duration.milliseconds(40)
  /// For limits before which a good client must have got somewhere, on a busy machine.
  static let long = Duration.seconds(3)

  static func configuration(_ change: (inout Nghttp2ServerConfiguration) -> Void) -> Nghttp2ServerConfiguration {
    var configuration = Nghttp2ServerConfiguration.defaults
    change(&configuration)
    return configuration
  }

  @Test(
    "A client that doesn't complete its handshake is closed, wherever it stops",
    arguments: [
      [], Array(Wire.preface.prefix(10)), Wire.preface,
      Wire.preface + WireFrame.settings([(3, 1)]).bytes.prefix(12),
      Wire.preface + WireFrame.settings().bytes,
      Wire.preface + WireFrame.settings().bytes + WireFrame.headers(1, flags: 5).bytes,
    ] as [[UInt8]])
  func handshake(bytes: [UInt8]) async throws {
    let configuration = Self.configuration { $0.handshakeTimeout = Self.long }
    try await withServer(configuration: configuration) { _, endpoint in
      try await WirePeer.connect(to: endpoint) { peer in
        peer.acknowledgesSettings = false
        try? await peer.sendRaw(bytes)
        try await peer.readToClose()
        #expect(peer.goAwayCode == .settingsTimeout)
      }
    }
  }

  @Test(
    "A header section that is never finished closes the connection",
    arguments: [
      WireFrame.headers(1, flags: 0).bytes, Array(WireFrame.headers(1).bytes.dropLast()),
      Array(WireFrame.headers(1).bytes.prefix(9)),
      WireFrame.headers(1, flags: 0).bytes + WireFrame.continuation(1).bytes,
      WireFrame.headers(1).bytes + WireFrame.headers(1, [HTTP2Field("x", "y")], flags: 1).bytes,
    ])
  func headerSection(bytes: [UInt8]) async throws {
    let configuration = Self.configuration { $0.headerSectionTimeout = Self.short }
    try await withBadPeer(configuration: configuration) { peer in
      try await peer.handshake()
      try await peer.sendRaw(bytes)
      try await peer.readToClose()
      #expect(peer.goAwayCode == .enhanceYourCalm)
    }
  }

  @Test("Half a frame doesn't keep a connection alive")
  func halfFrame() async throws {
    let configuration = Self.configuration {
      $0.keepaliveTime = Self.long
      $0.keepaliveTimeout = Self.short
    }
    try await withServer(configuration: configuration) { _, endpoint in
      try await WirePeer.connect(to: endpoint) { peer in
        peer.answersPings = false
        try await peer.handshake()
        try await peer.sendRaw(Array(WireFrame.settings([(3, 1)]).bytes.dropLast()))
        try await peer.readToClose()
        #expect(peer.pings == 1)
      }
    }
  }

  @Test("A client that answers pings stays")
  func keepalive() async throws {
    try await withServer(configuration: Self.configuration { $0.keepaliveTime = Self.short }) { _, endpoint in
      try await WirePeer.connect(to: endpoint) { peer in
        try await peer.handshake()
        #expect(try await peer.read { $0.pings >= 4 })
        try await peer.send(.headers(1, flags: 5))
        #expect(try await peer.read { $0.isEnded(1) })
      }
    }
  }

  @Test("A client that doesn't answer a ping is closed, and its calls are cancelled")
  func deadClient() async throws {
    let waiting = DeadlineAndCancellationTests.Waiting()
    let configuration = Self.configuration {
      $0.keepaliveTime = Self.long
      $0.keepaliveTimeout = Self.short
    }
    try await withServer(waiting.service, configuration: configuration) { _, endpoint in
      try await WirePeer.connect(to: endpoint) { peer in
        peer.answersPings = false
        try await peer.handshake()
        try await peer.send(.headers(1, WireFrame.request(method: "Wait"), flags: 5))
        try await peer.readToClose()
        #expect(peer.pings == 1)
        await waiting.handleCancelled.wait()
      }
    }
  }

  @Test("A client that says anything after a ping is alive, were it not even a whole frame")
  func talkingClient() async throws {
    let configuration = Self.configuration {
      $0.keepaliveTime = Self.short
      $0.keepaliveTimeout = Self.long
    }
    try await withServer(configuration: configuration) { _, endpoint in
      try await WirePeer.connect(to: endpoint) { peer in
        peer.answersPings = false
        try await peer.handshake()
        // A frame of a kind that nobody knows (RFC 9113 section 4.1).
        var frame = WireFrame(type: 0xfa, payload: [UInt8](repeating: 0, count: 9)).bytes[...]
        for count in 1...9 {
          #expect(try await peer.read { $0.pings >= count })
          try await peer.sendRaw([UInt8](frame.prefix(2)))
          frame = frame.dropFirst(2)
        }
        try await peer.send(.headers(1, flags: 5))
        #expect(try await peer.read { $0.isEnded(1) })
      }
    }
  }

  @Test("A client that leaves in its socket what it is sent is closed once TCP gives it up")
  func stalledSocket() async throws {
    let cutOff = Event()
    let service = TestService([
      "Flood": { _, _ in
        StreamingServerResponse { writer in
          defer { cutOff.happen() }
          while true { try await writer.write([UInt8](repeating: 1, count: 1 << 20)) }
        }
      }
    ])
    let configuration = Self.configuration { $0.keepaliveTimeout = .milliseconds(500) }
    try await withServer(service, configuration: configuration) { _, endpoint in
      try await WirePeer.connect(to: endpoint) { peer in
        let most = UInt32(Int32.max)
        try await peer.handshake(settings: [(4, most)])
        try await peer.stopReading()
        try await peer.send(.windowUpdate(0, most - 65_535), .headers(1, WireFrame.request(method: "Flood"), flags: 5))
        await cutOff.wait()
      }
    }
  }

  @Test("A client without a call for too long is sent away, whether it answers or not", arguments: [true, false])
  func idle(answers: Bool) async throws {
    let configuration = Self.configuration {
      $0.maxConnectionIdle = Self.short
      $0.keepaliveTimeout = Self.short
    }
    try await withServer(configuration: configuration) { _, endpoint in
      try await WirePeer.connect(to: endpoint) { peer in
        peer.answersPings = answers
        try? await peer.sendRaw(Wire.preface + WireFrame.settings().bytes)
        try await peer.readToClose()
        #expect(peer.goAwayCode == .noError)
      }
    }
  }

  @Test("A client with a call isn't idle, and is once the call is over")
  func busy() async throws {
    let gate = Event()
    let started = Event()
    var service = LifecycleTests.gated(started, gate)
    service.handlers["Peer"] = Self.peer
    let configuration = Self.configuration { $0.maxConnectionIdle = Self.long }
    try await withServer(service, configuration: configuration) { _, endpoint in
      try await withClient([endpoint]) { client in
        async let answer = client.call("Gated")
        await started.wait()
        let connection = try await client.call("Peer")
        // Another connection comes, idles and goes in the meantime.
        try await WirePeer.connect(to: endpoint) { peer in
          try await peer.handshake()
          try await peer.readToClose()
        }
        try await client.expect("Peer", answer: connection)
        gate.happen()
        _ = try await answer
      }
      try await WirePeer.connect(to: endpoint) { peer in
        try await peer.handshake()
        try await peer.send(.headers(1, flags: 5))
        try await peer.readToClose()
        #expect(peer.isEnded(1))
        #expect(peer.goAwayCode == .noError)
      }
    }
  }

  /// Answers with the address of the connection.
  static let peer: TestService.Handler = { _, context in
    StreamingServerResponse { writer in
      try await writer.write(Array(context.remotePeer.utf8))
      return [:]
    }
  }

  @Test("A connection that is too old takes no more calls, and is closed after its last")
  func age() async throws {
    let gate = Event()
    let started = Event()
    let configuration = Self.configuration { $0.maxConnectionAge = Self.long }
    try await withServer(LifecycleTests.gated(started, gate), configuration: configuration) { _, endpoint in
      try await WirePeer.connect(to: endpoint) { peer in
        try await peer.handshake()
        try await peer.send(.headers(1, WireFrame.request(method: "Gated"), flags: 5))
        // The second GOAWAY is the one that refuses.
        #expect(try await peer.read { $0.frames.count { $0.type == 7 } == 2 })
        #expect(!peer.isEnded(1))
        try await peer.send(.headers(3, flags: 5))
        gate.happen()
        try await peer.readToClose()
        #expect(peer.isEnded(1) && peer.resetCode(1) == nil)
        #expect(!peer.frames.contains { $0.streamID == 3 && $0.type == 1 })
        #expect(peer.goAwayCode == .noError)
      }
    }
  }

  @Test("The calls of a connection that is too old are cut off after the grace period, or with the server's own")
  func ageGrace() async throws {
    for isAged in [true, false] {
      let waiting = DeadlineAndCancellationTests.Waiting()
      let configuration = Self.configuration {
        $0.maxConnectionAge = Self.long
        $0.maxConnectionAgeGrace = isAged ? Self.short : nil
        $0.shutdownGracePeriod = Self.short
      }
      try await withServer(waiting.service, configuration: configuration) { server, endpoint in
        try await WirePeer.connect(to: endpoint) { peer in
          try await peer.handshake()
          try await peer.send(.headers(1, WireFrame.request(method: "Wait"), flags: 5))
          if !isAged {
            #expect(try await peer.read { $0.frames.count { $0.type == 7 } == 2 })
            server.beginGracefulShutdown()
          }
          try await peer.readToClose()
          #expect(!peer.isEnded(1))
          await waiting.handleCancelled.wait()
        }
      }
    }
  }

  @Test("No call is lost to the age of its connection")
  func ageUnderLoad() async throws {
    let configuration = Self.configuration { $0.maxConnectionAge = .seconds(1) }
    try await withLoopback(TestService(["Peer": Self.peer]), server: configuration) { client in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          group.addTask {
            // Each connection comes from a port of its own.
            var connections: Set<[UInt8]> = []
            while connections.count < 4 { connections.insert(try await client.call("Peer")) }
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test("The third ping too many ends the connection, and the client is told why")
  func tooManyPings() async throws {
    try await withBadPeer { peer in
      try await peer.handshake()
      for _ in 0..<4 { try await peer.send(.ping()) }
      try await peer.readToClose()
      #expect(peer.goAwayCode == .enhanceYourCalm)
      #expect(peer.goAwayText == "too_many_pings")
      let answers = peer.frames.count { $0.type == 6 && $0.flags == 1 }
      #expect((3...4).contains(answers))
    }
  }

  @Test("Pings between which something is sent are no offence")
  func pingsWithCalls() async throws {
    try await withServer { _, endpoint in
      try await WirePeer.connect(to: endpoint) { peer in
        try await peer.handshake()
        for id: UInt32 in stride(from: 1, to: 40, by: 2) {
          try await peer.send(.headers(id, flags: 5), .ping(), .ping())
          #expect(try await peer.read { $0.isEnded(id) })
        }
        #expect(try await peer.read { $0.frames.count { $0.type == 6 && $0.flags == 1 } == 40 })
        #expect(peer.goAwayCode == nil)
      }
    }
  }

  @Test("A client that answers a ping which it was never sent gets no GOAWAY")
  func unaskedAnswer() async throws {
    try await withServer { _, endpoint in
      try await WirePeer.connect(to: endpoint) { peer in
        try await peer.handshake()
        // The payloads of the server's own pings.
        try await peer.send(
          .ping(isAnswer: true, Array("nwodtuhs".utf8)), .ping(isAnswer: true, Array("vilapeek".utf8)))
        try await peer.send(.headers(1, flags: 5))
        #expect(try await peer.read { $0.isEnded(1) })
        #expect(peer.goAwayCode == nil)
      }
    }
  }
}
