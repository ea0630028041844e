import HTTP2Session
import HTTP2TestSupport
import Testing

/// Peers that reset more streams than they may (CVE-2023-44487).
@Suite struct ResetFloodTests {
  @Test("No stream is served that the GOAWAY for too many resets disowns", arguments: [Int.max, 1])
  func disowned(chunkSize: Int) throws {
    var configuration = HTTP2Configuration()
    configuration.maxResetBurst = 1
    configuration.maxResetsPerSecond = 0
    let peer = try SessionUnderTest(.server, configuration: configuration, chunkSize: chunkSize)
    let request = Wire.request()
    let error = #expect(throws: HTTP2Error.self) {
      try peer.receive(
        Wire.reset(1) + Wire.headers(3, request) + Wire.reset(3)
          + Wire.headers(5, request, flags: [.endHeaders, .endStream]))
    }
    #expect(error?.isFatal == true)
    try peer.use { _ in }
    #expect(peer.goAwayCodes == [.enhanceYourCalm])
    let served: [UInt32] = [1, 3, 5].filter { !peer.events.sections(Int32($0)).isEmpty }
    #expect(peer.sent.compactMap(\.goAwayLastStream) == served.suffix(1))
  }

  @Test("Resets within the burst go on, and those on streams that are gone count, too")
  func burst() throws {
    var configuration = HTTP2Configuration()
    configuration.maxResetBurst = 3
    configuration.maxResetsPerSecond = 0
    let peer = try SessionUnderTest(.server, configuration: configuration)
    for _ in 0..<3 { try peer.receive(Wire.reset(1)) }
    #expect(try peer.isUsable())
    #expect(throws: HTTP2Error.self) { try peer.receive(Wire.reset(1)) }
  }

  @Test("A server resets as it likes")
  func byServer() throws {
    var configuration = HTTP2Configuration()
    configuration.maxResetBurst = 0
    configuration.maxResetsPerSecond = 0
    let peer = try SessionUnderTest(.client, configuration: configuration)
    try peer.receive(Wire.reset(1) + Wire.reset(3))
    #expect(try peer.isUsable())
  }
}
