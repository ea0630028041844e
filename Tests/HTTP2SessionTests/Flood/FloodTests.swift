import HTTP2Session
import HTTP2TestSupport
import Testing

@Suite struct FloodTests {
  /// A session that has shaken hands with a peer made of bare bytes.
  static func session(
    _ role: HTTP2Role, _ configuration: HTTP2Configuration = HTTP2Configuration()
  ) throws -> HTTP2Session {
    var session = try HTTP2Session(role: role, configuration: configuration)
    var events: [RecordedEvent] = []
    let preface = role == .server ? Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) : []
    try deliver(preface + frame(4) + frame(4, flags: 1), to: &session, chunkSize: .max, events: &events)
    return session
  }

  /// Whether what the session has to say ends with a GOAWAY of ENHANCE_YOUR_CALM.
  static func asksForCalm(_ session: inout HTTP2Session) throws -> Bool {
    var output: [UInt8] = []
    try session.drain(into: &output)
    return output.count >= 17 && Array(output.suffix(17))[3] == 7 && output.last == 0xb
  }

  static func frame(_ type: UInt8, flags: UInt8 = 0, streamID: UInt8 = 0, _ payload: [UInt8] = []) -> [UInt8] {
    [0, 0, UInt8(payload.count), type, flags, 0, 0, 0, streamID] + payload
  }

  static let roles = [HTTP2Role.client, .server]
  static let ping = frame(6, [0, 0, 0, 0, 0, 0, 0, 1])

  @Test("Answers that nobody reads are an error once there are too many", arguments: [ping, frame(4)], roles)
  func acknowledgements(frame: [UInt8], role: HTTP2Role) throws {
    var configuration = HTTP2Configuration()
    configuration.maxQueuedAcknowledgements = 100
    var session = try Self.session(role, configuration)
    var events: [RecordedEvent] = []
    // One answer to the peer's first SETTINGS is waiting already.
    for _ in 0..<99 { try deliver(frame, to: &session, chunkSize: .max, events: &events) }
    let error = #expect(throws: HTTP2Error.self) {
      try deliver(frame + frame, to: &session, chunkSize: .max, events: &events)
    }
    #expect(error?.isFatal == true)
  }

  @Test("Frames of any kind that nobody reads are an error once there are too many", arguments: roles)
  func queuedFrames(role: HTTP2Role) throws {
    var configuration = HTTP2Configuration()
    configuration.maxQueuedFrames = 50
    configuration.maxQueuedAcknowledgements = .max
    var session = try Self.session(role, configuration)
    var events: [RecordedEvent] = []
    var count = 0
    #expect(throws: HTTP2Error.self) {
      while count < 1000 {
        try deliver(Self.ping, to: &session, chunkSize: .max, events: &events)
        count += 1
      }
    }
    #expect((40..<50).contains(count))
    // The peer is told.
    let asksForCalm = try Self.asksForCalm(&session)
    #expect(asksForCalm)
  }

  @Test(
    "A peer that floods is told so and given up, however well it reads the answers",
    arguments: [ping, frame(4)], roles)
  func idleFrames(frame: [UInt8], role: HTTP2Role) throws {
    var configuration = HTTP2Configuration()
    configuration.maxIdleFrames = 1000
    var session = try Self.session(role, configuration)
    var events: [RecordedEvent] = []
    let burst = Array(repeating: frame, count: 100).flatMap { $0 }
    var bursts = 0
    let error = #expect(throws: HTTP2Error.self) {
      while bursts < 100 {
        var output: [UInt8] = []
        try session.drain(into: &output)
        try deliver(burst, to: &session, chunkSize: .max, events: &events)
        bursts += 1
      }
    }
    #expect(error?.isFatal == true)
    // Each burst pays for one frame.
    #expect(bursts == 10)
    let asksForCalm = try Self.asksForCalm(&session)
    #expect(asksForCalm)
    let wantsRead = session.wantsRead
    #expect(!wantsRead)
  }

  @Test("A control frame now and then is no flood, for as long as it may go on", arguments: roles)
  func slowPings(role: HTTP2Role) throws {
    var configuration = HTTP2Configuration()
    configuration.maxIdleFrames = 10
    var session = try Self.session(role, configuration)
    var events: [RecordedEvent] = []
    for _ in 0..<1000 {
      try deliver(Self.ping, to: &session, chunkSize: .max, events: &events)
      var output: [UInt8] = []
      try session.drain(into: &output)
    }
    #expect(throws: HTTP2Error.self) {
      try deliver(Array(repeating: Self.ping, count: 20).flatMap { $0 }, to: &session, chunkSize: .max, events: &events)
    }
  }

  @Test("Calls pay for the control frames that come with them")
  func callsPay() throws {
    var server = HTTP2Configuration()
    server.maxIdleFrames = 30
    var pair = try SessionPair(server: server)
    for _ in 0..<100 {
      // Each call comes with four pings, in one burst.
      let id = try pair.request(endStream: true)
      for _ in 0..<4 { try pair.client.ping(payload: 1) }
      try pair.exchange()
      try pair.server.submitResponse(streamID: id, fields: [HTTP2Field(":status", "200")], endStream: true)
      try pair.exchange()
    }
    #expect(throws: HTTP2Error.self) {
      for _ in 0..<100 {
        for _ in 0..<4 { try pair.client.ping(payload: 1) }
        try pair.exchange()
      }
    }
  }

  @Test("Frames that nothing is heard of count, and each frame counts once", arguments: Dropped.all)
  func dropped(frames: Dropped) throws {
    var configuration = HTTP2Configuration()
    configuration.maxIdleFrames = 100
    for chunkSize in [Int.max, 500] {
      let peer = try SessionUnderTest(
        .server, configuration: configuration, chunkSize: chunkSize, opensStreams: false)
      try peer.receive(Wire.preface + Wire.settings(frames.settings) + Wire.settings(flags: .ack))
      try peer.receive(Wire.headers(1, Wire.request()) + Wire.headers(3, Wire.request()) + Wire.reset(3))
      let flood = Array(repeating: frames.frame, count: 80).flatMap { $0 }
      try peer.receive(flood)
      #expect(throws: HTTP2Error.self) { try peer.receive(flood) }
      try peer.use { _ in }
      #expect(peer.goAwayCodes == [.enhanceYourCalm])
    }
  }

  /// A frame that moves nothing; stream 1 is open, stream 3 was reset and stream 5 is idle.
  struct Dropped: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var settings: [(id: UInt16, value: UInt32)] = []
    var frame: [UInt8]

    static let all = [
      Self(testDescription: "of an unknown type", frame: Wire.frame(0xb, stream: 1, [1, 2, 3])),
      Self(testDescription: "of the last type", frame: Wire.frame(0xff)),
      Self(testDescription: "PRIORITY_UPDATE", frame: Wire.frame(0x10, [0, 0, 0, 1])),
      Self(testDescription: "WINDOW_UPDATE of the connection", frame: Wire.windowUpdate(0, by: 1)),
      Self(testDescription: "WINDOW_UPDATE of an open stream", frame: Wire.windowUpdate(1, by: 1)),
      Self(testDescription: "WINDOW_UPDATE of a closed stream", frame: Wire.windowUpdate(3, by: 1)),
      Self(testDescription: "PRIORITY of an open stream", frame: Wire.priority(1)),
      Self(testDescription: "PRIORITY of a closed stream", frame: Wire.priority(3)),
      Self(testDescription: "PRIORITY of an idle stream", frame: Wire.priority(5)),
      // SETTINGS_NO_RFC7540_PRIORITIES (RFC 9218 section 2.1).
      Self(testDescription: "PRIORITY that was renounced", settings: [(9, 1)], frame: Wire.priority(1)),
    ]
  }

  @Test(
    "Resets for what the peer did wrong count, and those for reasons of this side's own don't",
    arguments: [
      (HTTP2ErrorCode.noError, false), (.cancel, false), (.refusedStream, false), (.internalError, false),
      (.protocolError, true), (.streamClosed, true), (.enhanceYourCalm, true),
    ])
  func resets(code: HTTP2ErrorCode, isCounted: Bool) throws {
    var configuration = HTTP2Configuration()
    configuration.maxIdleFrames = 100
    let peer = try SessionUnderTest(.server, configuration: configuration)
    var isFlooded = false
    for id in stride(from: Int32(3), to: 101, by: 2) where !isFlooded {
      do {
        try peer.receive(Wire.headers(UInt32(id), Wire.request()))
        try peer.use { session in try session.reset(streamID: id, code: code) }
      } catch let error as HTTP2Error {
        isFlooded = error.isFatal
      }
    }
    #expect(isFlooded == isCounted)
  }
}
