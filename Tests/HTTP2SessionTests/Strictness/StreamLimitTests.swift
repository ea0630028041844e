import HTTP2Session
import HTTP2TestSupport
import Testing

/// What a session does about a peer that opens, continues or forgets too much.
@Suite struct StreamLimitTests {
  private let request = Wire.request()

  @Test("A stream beyond the limit that the peer has acknowledged is a connection error (RFC 9113 section 5.1.2)")
  func acknowledgedLimit() throws {
    var configuration = HTTP2Configuration()
    configuration.maxConcurrentStreams = 2
    let peer = try SessionUnderTest(.server, configuration: configuration)
    try peer.receive(Wire.headers(3, self.request))
    #expect(peer.goAwayCodes.isEmpty)
    try peer.receive(Wire.headers(5, self.request))
    #expect(peer.goAwayCodes == [.protocolError])
  }

  @Test("A stream beyond a limit that the peer hasn't acknowledged is refused, with all that comes on it")
  func newLimit() throws {
    var configuration = HTTP2Configuration()
    configuration.maxConcurrentStreams = 1
    let peer = try SessionUnderTest(.server, configuration: configuration, opensStreams: false)
    let trailers = Wire.headers(3, Wire.field("x", "y"), flags: [.endHeaders, .endStream])
    try peer.receive(
      Wire.preface + Wire.settings() + Wire.headers(1, self.request) + Wire.headers(3, self.request)
        + Wire.data(3, [1]) + trailers)
    #expect(peer.sent.filter { $0.resetCode != nil }.map(\.resetCode) == [.refusedStream])
    #expect(peer.events.sections(3).isEmpty && peer.events.payload(3).isEmpty)
    try peer.receive(Wire.settings(flags: .ack))
    try peer.perform(.ends(1))
    try peer.receive(Wire.data(1, flags: .endStream))
    #expect(try peer.isUsable())
  }

  @Test("A section of endless CONTINUATION frames ends the connection", arguments: [HTTP2Role.server, .client])
  func continuationFlood(role: HTTP2Role) throws {
    let peer = try SessionUnderTest(role)
    let error = #expect(throws: HTTP2Error.self) {
      try peer.receive(Wire.headers(3, Violation.section(role), flags: []))
      for _ in 0..<1000 { try peer.receive(Wire.continuation(3, flags: [])) }
    }
    #expect(error?.isFatal == true)
  }

  @Test("Nothing is sent on a stream that is closed", arguments: [HTTP2Role.server, .client])
  func closedStream(role: HTTP2Role) throws {
    let peer = try SessionUnderTest(role)
    try peer.receive(Wire.headers(3, Wire.field("X", "y")))
    #expect(peer.sent.compactMap(\.resetCode) == [.protocolError])
    try peer.receive(Wire.reset(1))
    for id: Int32 in [1, 3] { try peer.perform(.resets(id)) }
    #expect(peer.sent.compactMap(\.resetCode) == [.protocolError])
  }

  @Test("Frames that cross many resets are ignored, and those on streams that the peer ended are not")
  func manyResets() throws {
    let peer = try SessionUnderTest(.server)
    let ids = (1...300).map { UInt32($0 * 2 + 1) }
    for id in ids {
      try peer.receive(Wire.headers(id, self.request))
      try peer.perform(.resets(Int32(id)))
    }
    for id in ids { try peer.receive(Wire.data(id, [1, 2, 3])) }
    #expect(peer.goAwayCodes.isEmpty)
    try peer.receive(Wire.headers(701, self.request, flags: [.endHeaders, .endStream]))
    try peer.perform(.ends(701))
    try peer.receive(Wire.data(701, [1]))
    #expect(peer.goAwayCodes == [.streamClosed])
  }

  @Test("Ids that a client passes over stay closed, however many gaps it leaves")
  func gaps() throws {
    let peer = try SessionUnderTest(.server)
    for id in stride(from: UInt32(5), through: 401, by: 4) {
      try peer.receive(Wire.headers(id, self.request, flags: [.endHeaders, .endStream]))
      try peer.perform(.ends(Int32(id)))
    }
    try peer.receive(Wire.headers(3, self.request))
    #expect(peer.goAwayCodes == [.streamClosed])
    #expect(peer.events.sections(3).isEmpty)
  }

  @Test("What a server sends on streams that its GOAWAY refused is ignored")
  func refusedByGoAway() throws {
    let peer = try SessionUnderTest(.client)
    try peer.receive(Wire.goAway(lastStream: 1))
    #expect(peer.events.contains(.streamClosed(streamID: 3, code: .refusedStream)))
    try peer.receive(Wire.headers(3, Wire.response) + Wire.data(3, [1]))
    #expect(peer.goAwayCodes.isEmpty)
    try peer.receive(Wire.data(1, [1, 2, 3]))
    #expect(peer.events.payload(1) == [1, 2, 3])
  }
}
