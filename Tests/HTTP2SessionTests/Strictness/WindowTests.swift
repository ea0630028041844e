import HTTP2Session
import HTTP2TestSupport
import Testing

/// How windows and sizes are kept to (RFC 9113 sections 4.2, 5.2 and 6.9), by a session whose peer tests the limits.
@Suite struct WindowTests {
  static let roles: [HTTP2Role] = [.server, .client]

  /// Writes to stream 1, after the headers that a server needs.
  private func write(_ count: Int, _ peer: SessionUnderTest) throws {
    try peer.use { session in
      if session.role == .server {
        try session.submitResponse(streamID: 1, fields: [HTTP2Field(":status", "200")])
      }
      try session.write(streamID: 1, bytes: [UInt8](repeating: 1, count: count))
    }
  }

  @Test(
    "A smaller initial window makes those of open streams negative, and they are made up for first", arguments: roles)
  func negativeWindow(role: HTTP2Role) throws {
    let peer = try SessionUnderTest(role)
    try self.write(100_000, peer)
    #expect(peer.dataBytes == 65_535)
    try peer.receive(Wire.settings([(4, 0)]) + Wire.windowUpdate(0, by: 100_000))
    try peer.receive(Wire.windowUpdate(1, by: 65_535))
    #expect(peer.dataBytes == 65_535)
    try peer.receive(Wire.windowUpdate(1, by: 1))
    #expect(peer.dataBytes == 65_536)
    try peer.receive(Wire.settings([(4, 10)]))
    #expect(peer.dataBytes == 65_546)
  }

  @Test("SETTINGS change the windows of streams, not the connection's", arguments: roles)
  func connectionWindow(role: HTTP2Role) throws {
    let peer = try SessionUnderTest(role)
    try peer.receive(Wire.settings([(4, 1 << 20)]))
    try self.write(100_000, peer)
    #expect(peer.dataBytes == 65_535)
    try peer.receive(Wire.windowUpdate(0, by: 5))
    #expect(peer.dataBytes == 65_540)
  }

  @Test("No frame sent is longer than the peer takes, and a long section goes on in CONTINUATION", arguments: roles)
  func frameSize(role: HTTP2Role) throws {
    let peer = try SessionUnderTest(role)
    try self.write(60_000, peer)
    // Commas are longer coded than plain.
    let field = HTTP2Field("x-long", String(repeating: ",", count: 40_000))
    try peer.use { session in
      if role == .server {
        try session.finish(streamID: 1, trailers: [field])
      } else {
        _ = try session.submitRequest(SessionUnderTest.requestFields + [field], endStream: true)
      }
    }
    #expect(peer.sent.allSatisfy { $0.payload.count <= 16_384 })
    let section = try #require(peer.sent.lastIndex { $0.isHeaders })
    #expect(peer.sent[section].flags & 4 == 0)
    #expect(peer.sent[(section + 1)...].map(\.type) == [9, 9])
    #expect(peer.sent.last?.flags == 4)
  }

  @Test("Padding counts against a window", arguments: roles)
  func padding(role: HTTP2Role) throws {
    let peer = try SessionUnderTest(role)
    for size in [16_384, 16_384, 16_384, 16_373] {
      try peer.receive(Wire.data(1, [UInt8](repeating: 0, count: size)))
    }
    // Ten bytes are left: one of length, one of data and eight of padding.
    try peer.receive(Wire.data(1, [8, 1] + [UInt8](repeating: 0, count: 8), flags: .padded))
    #expect(peer.goAwayCodes.isEmpty)
    try peer.receive(Wire.data(1, [0], flags: .padded))
    #expect(peer.goAwayCodes == [.flowControlError])
  }

  @Test("The streams together may not send more than the connection's window", arguments: roles)
  func sharedWindow(role: HTTP2Role) throws {
    var configuration = HTTP2Configuration()
    configuration.connectionWindowBytes = 70_000
    let peer = try SessionUnderTest(role, configuration: configuration)
    try peer.receive(Wire.headers(3, Violation.section(role)))
    for _ in 0..<2 {
      for stream: UInt32 in [1, 3] { try peer.receive(Wire.data(stream, [UInt8](repeating: 0, count: 16_384))) }
    }
    #expect(peer.goAwayCodes.isEmpty)
    try peer.receive(Wire.data(1, [UInt8](repeating: 0, count: 70_000 - 4 * 16_384 + 1)))
    #expect(peer.goAwayCodes == [.flowControlError])
  }

  @Test("DATA that crosses a reset takes nothing of the connection's window for good", arguments: roles)
  func crossingData(role: HTTP2Role) throws {
    var configuration = HTTP2Configuration()
    configuration.connectionWindowBytes = 70_000
    let peer = try SessionUnderTest(role, configuration: configuration)
    try peer.perform(.resets(1))
    let start = peer.sent.count
    for _ in 0..<3 { try peer.receive(Wire.data(1, [UInt8](repeating: 0, count: 16_384))) }
    #expect(peer.sent[start...].contains { $0.type == 8 && $0.streamID == 0 })
    #expect(try peer.isUsable())
  }

  @Test("A peer without a table is sent nothing that needs one", arguments: roles)
  func noTable(role: HTTP2Role) throws {
    let peer = try SessionUnderTest(role)
    try peer.receive(Wire.settings([(1, 0)]))
    let start = peer.sent.count
    for id: Int32 in [3, 5] {
      if role == .server {
        try peer.receive(Wire.headers(UInt32(id), Wire.request()))
        try peer.use {
          try $0.submitResponse(streamID: id, fields: [HTTP2Field(":status", "200"), HTTP2Field("x", "y")])
        }
      } else {
        try peer.use { _ = try $0.submitRequest(SessionUnderTest.requestFields) }
      }
    }
    let blocks = peer.sent[start...].filter(\.isHeaders).map(\.payload)
    // The change is said once, first (RFC 7541 section 4.2); without a table both sections are the same.
    #expect(blocks.first?.first == 0x20)
    #expect(blocks.count == 2 && blocks.first?.dropFirst() == blocks.last?[...])
  }

  @Test("SETTINGS are acknowledged one by one, and a PING with its payload", arguments: roles)
  func acknowledgements(role: HTTP2Role) throws {
    let peer = try SessionUnderTest(role)
    let start = peer.sent.count
    try peer.receive(Wire.settings([(4, 1)]) + Wire.settings() + Wire.ping() + Wire.settings([(4, 2)]))
    let answers = peer.sent[start...]
    #expect(answers.filter(\.isSettingsAck).count == 3)
    #expect(answers.filter(\.isPingAck).map(\.payload) == [Array("strictly".utf8)])
  }
}

extension SessionUnderTest {
  /// The payload that was sent on stream 1.
  var dataBytes: Int { self.sent.filter { $0.isData && $0.streamID == 1 }.map(\.payload.count).reduce(0, +) }

  var goAwayCodes: [HTTP2ErrorCode] { self.sent.compactMap(\.goAwayCode) }
}
