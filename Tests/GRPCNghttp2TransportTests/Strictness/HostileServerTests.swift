import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import TestSupport
import Testing

/// What becomes of a client's calls when a server breaks HTTP/2. Each rule's own test is in HTTP2SessionTests; here is
/// one of each kind.
@Suite(.timeLimit(.minutes(1))) struct HostileServerTests {
  struct Attack: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    var code: HTTP2ErrorCode
  }

  private static let headers = Wire.response + Wire.field("content-type", "application/grpc")
  private static let message = Wire.data(1, [0, 0, 0, 0, 1, 7])

  static let fatal: [Attack] = [
    Attack(testDescription: "DATA before HEADERS", bytes: message, code: .protocolError),
    Attack(testDescription: "DATA on an idle stream", bytes: Wire.data(9, [1]), code: .protocolError),
    Attack(testDescription: "a stream of its own", bytes: Wire.headers(2, headers), code: .protocolError),
    Attack(testDescription: "a promise", bytes: Wire.pushPromise(1, promised: 2, Wire.request()), code: .protocolError),
    Attack(testDescription: "ENABLE_PUSH of 1", bytes: Wire.settings([(2, 1)]), code: .protocolError),
    Attack(testDescription: "a frame too long", bytes: Wire.frame(0xfa, length: 1 << 20), code: .frameSizeError),
    Attack(
      testDescription: "a window beyond 2^31 - 1", bytes: Wire.windowUpdate(0, by: 1 << 31 - 1), code: .flowControlError
    ),
    Attack(testDescription: "an index behind the tables", bytes: Wire.headers(1, [0x80 | 70]), code: .compressionError),
    Attack(
      testDescription: "more after the end of a stream",
      bytes: Wire.headers(1, headers, flags: [.endHeaders, .endStream]) + message, code: .streamClosed),
  ]

  static let mild: [Attack] = [
    Attack(testDescription: "no :status", bytes: Wire.headers(1, Wire.field("x", "y")), code: .protocolError),
    Attack(
      testDescription: "an upper-case name", bytes: Wire.headers(1, headers + Wire.field("X", "y")),
      code: .protocolError),
    Attack(
      testDescription: "a pseudo-header field in trailers",
      bytes: Wire.headers(1, headers) + Wire.headers(1, Wire.response, flags: [.endHeaders, .endStream]),
      code: .protocolError),
    Attack(
      testDescription: "more DATA than content-length",
      bytes: Wire.headers(1, headers + Wire.field("content-length", "1")) + message, code: .protocolError),
  ]

  /// Answers the calls on `stream` and after it rightly.
  private static func serveWell(_ peer: WirePeer, from first: UInt32) async throws {
    var stream = first
    while !peer.isClosed {
      let id = stream
      try await peer.read { $0.frames.contains { $0.isData && $0.streamID == id && $0.flags & 1 == 1 } }
      try await peer.sendRaw(
        Wire.headers(id, Self.headers) + Wire.data(id, [0, 0, 0, 0, 1, 7])
          + Wire.headers(id, Wire.field("grpc-status", "0"), flags: [.endHeaders, .endStream]))
      stream += 2
    }
  }

  @Test(
    "A connection error is told in a GOAWAY, fails its call, and the next goes to a new connection", arguments: fatal)
  func connectionError(attack: Attack) async throws {
    let connections = Counter()
    let told = Counter()
    try await WirePeer.listen { peer in
      connections.add()
      guard connections.value == 1 else { return try await Self.serveWell(peer, from: 1) }
      try await peer.sendRaw(Wire.settings(flags: .ack))
      try await peer.read { $0.frames.contains { $0.isHeaders && $0.streamID == 1 } }
      try await peer.sendRaw(attack.bytes)
      try await peer.readToClose()
      if peer.frames.compactMap(\.goAwayCode) == [attack.code], peer.isClosed { told.add() }
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        let error = await rpcError { _ = try await client.call("Echo", [1]) }
        #expect(error != nil)
        try await client.expect("Echo", [1], options: .options(waitForReady: true), answer: [7])
        try await eventually(until: { told.value == 1 })
      }
    }
  }

  @Test("A stream error is told in a RST_STREAM and fails its call, and the connection takes the next", arguments: mild)
  func streamError(attack: Attack) async throws {
    let connections = Counter()
    let told = Counter()
    try await WirePeer.listen { peer in
      connections.add()
      try await peer.sendRaw(Wire.settings(flags: .ack))
      try await peer.read { $0.frames.contains { $0.isHeaders && $0.streamID == 1 } }
      try await peer.sendRaw(attack.bytes)
      try await peer.read { $0.frames.contains { $0.resetCode != nil } }
      if peer.frames.first(where: { $0.resetCode != nil })?.resetCode == attack.code { told.add() }
      try await Self.serveWell(peer, from: 3)
    } _: { endpoint in
      try await withClient([endpoint]) { client in
        let error = await rpcError { _ = try await client.call("Echo", [1]) }
        #expect(error?.code == .internalError)
        try await client.expect("Echo", [1], answer: [7])
        #expect(connections.value == 1 && told.value == 1)
      }
    }
  }
}
