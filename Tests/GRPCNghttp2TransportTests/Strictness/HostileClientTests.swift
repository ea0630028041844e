import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Testing

/// What becomes of a server, and of its other connections, when one client breaks HTTP/2. Each rule's own test is in
/// HTTP2SessionTests; here is one of each kind.
@Suite(.timeLimit(.minutes(1))) struct HostileClientTests {
  struct Attack: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    var code: HTTP2ErrorCode
  }

  private static let call = Wire.request([("content-type", "application/grpc"), ("te", "trailers")])
  private static let open = Wire.headers(1, call)
  private static let whole = Wire.headers(1, call, flags: [.endHeaders, .endStream])

  /// Each ends its connection.
  static let fatal: [Attack] = [
    Attack(testDescription: "DATA on stream 0", bytes: Wire.data(0, [1]), code: .protocolError),
    Attack(testDescription: "a frame too long", bytes: Wire.frame(0xfa, length: 1 << 20), code: .frameSizeError),
    Attack(
      testDescription: "a second request on a stream that ended", bytes: whole + whole, code: .streamClosed),
    Attack(
      testDescription: "a stream below the last", bytes: Wire.headers(5, call) + Wire.headers(3, call),
      code: .protocolError),
    Attack(testDescription: "SETTINGS of 7 bytes", bytes: Wire.frame(4, [0, 4, 0, 0, 0, 1, 0]), code: .frameSizeError),
    Attack(testDescription: "a window of 2^31", bytes: Wire.settings([(4, 1 << 31)]), code: .flowControlError),
    Attack(
      testDescription: "a window beyond 2^31 - 1", bytes: open + Wire.windowUpdate(1, by: 1 << 31 - 1),
      code: .flowControlError),
    Attack(testDescription: "CONTINUATION alone", bytes: Wire.continuation(1), code: .protocolError),
    Attack(
      testDescription: "an index behind the tables", bytes: Wire.headers(1, call + [0x80 | 70]), code: .compressionError
    ),
    Attack(testDescription: "a promise", bytes: Wire.pushPromise(1, promised: 2, call), code: .protocolError),
  ]

  /// Each ends stream 1 alone.
  static let mild: [Attack] = [
    Attack(
      testDescription: "an upper-case name", bytes: Wire.headers(1, call + Wire.field("X", "y")), code: .protocolError),
    Attack(testDescription: "no :path", bytes: Wire.headers(1, Wire.field(":method", "POST")), code: .protocolError),
    Attack(
      testDescription: "connection-specific fields", bytes: Wire.headers(1, call + Wire.field("connection", "close")),
      code: .protocolError),
    Attack(
      testDescription: "less DATA than content-length",
      bytes: Wire.headers(1, call + Wire.field("content-length", "9")) + Wire.data(1, [0], flags: .endStream),
      code: .protocolError),
    Attack(
      testDescription: "trailers that don't end", bytes: open + Wire.headers(1, Wire.field("x", "y")),
      code: .protocolError),
  ]

  /// Runs `attack` while a call of a good client is under way on another connection, which then goes on as before.
  private func beside(_ attack: (SocketEndpoint) async throws -> Void) async throws {
    try await withServer { _, endpoint in
      try await withClient([endpoint]) { client in
        let isOpen = Event()
        let isOver = Event()
        async let answers = client.stream("Echo") { writer in
          try await writer.write([1])
          await isOver.wait()
          try await writer.write([2])
        } response: { response in
          var answers: [[UInt8]] = []
          for try await answer in response.messages {
            answers.append(answer)
            isOpen.happen()
          }
          return answers
        }
        await isOpen.wait()
        try await attack(endpoint)
        isOver.happen()
        let received = try await answers
        #expect(received == [[1], [2]])
        try await client.expect("Echo", [3], answer: [3])
      }
    }
  }

  @Test("A connection error is told in a GOAWAY and closes that connection alone", arguments: fatal)
  func connectionError(attack: Attack) async throws {
    try await self.beside { endpoint in
      try await WirePeer.connect(to: endpoint) { peer in
        try await peer.handshake()
        try await peer.sendRaw(attack.bytes)
        try await peer.readToClose()
        #expect(peer.frames.compactMap(\.goAwayCode) == [attack.code])
        #expect(peer.isClosed)
      }
    }
  }

  @Test("A stream error is told in a RST_STREAM, and its connection serves the next call", arguments: mild)
  func streamError(attack: Attack) async throws {
    try await self.beside { endpoint in
      try await WirePeer.connect(to: endpoint) { peer in
        try await peer.handshake()
        try await peer.sendRaw(attack.bytes)
        try await peer.read { $0.frames.contains { $0.resetCode != nil } }
        #expect(peer.frames.compactMap(\.resetCode) == [attack.code])
        try await peer.sendRaw(Wire.headers(3, Self.call, flags: [.endHeaders, .endStream]))
        try await peer.read { $0.frames.contains { $0.isHeaders && $0.streamID == 3 && $0.flags & 1 == 1 } }
        #expect(!peer.isClosed && peer.frames.allSatisfy { $0.goAwayCode == nil })
      }
    }
  }

  @Test("A client that doesn't begin with HTTP/2's preface is dropped")
  func notHTTP2() async throws {
    try await self.beside { endpoint in
      try await RawPeer.connect(to: endpoint) { peer in
        try await peer.sendRaw(Array("GET / HTTP/1.1\r\nhost: test\r\n\r\n".utf8))
        // It returns with the end of the connection only, or can't even write any more.
        #expect((try? await peer.read { _ in false }) != true)
      }
    }
  }
}
