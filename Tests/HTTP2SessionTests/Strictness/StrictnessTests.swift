import HTTP2Session
import HTTP2TestSupport
import Testing

/// Every rule of RFC 9113 and RFC 7541 that a peer can break, broken.
@Suite struct StrictnessTests {
  private static let chunkSizes = [Int.max, 1]

  @Test("A server meets what clients do wrong with the right error", arguments: Violation.byClients, chunkSizes)
  func server(violation: Violation, chunkSize: Int) throws {
    try check(violation, role: .server, chunkSize: chunkSize)
  }

  @Test("A client meets what servers do wrong with the right error", arguments: Violation.byServers, chunkSizes)
  func client(violation: Violation, chunkSize: Int) throws {
    try check(violation, role: .client, chunkSize: chunkSize)
  }

  @Test("A wrong start ends the connection", arguments: Violation.ofTheStart, chunkSizes)
  func start(violation: Violation, chunkSize: Int) throws {
    let role: HTTP2Role = violation.summary.hasPrefix("a client") ? .server : .client
    try check(violation, role: role, chunkSize: chunkSize, opensStreams: false)
  }
}

/// Does it to a new session and checks what comes back.
private func check(_ violation: Violation, role: HTTP2Role, chunkSize: Int, opensStreams: Bool = true) throws {
  let peer = try SessionUnderTest(role, chunkSize: chunkSize, opensStreams: opensStreams)
  var isHTTP2 = true
  do {
    for step in violation.steps { try peer.perform(step) }
  } catch let error as HTTP2Error where violation.outcome == .notHTTP2 {
    isHTTP2 = false
    #expect(error.isFatal)
  }
  let goAways = peer.sent.compactMap(\.goAwayCode).filter { $0 != .noError }
  let resets = peer.sent.filter { $0.resetCode != nil && $0.resetCode != .cancel }
  switch violation.outcome {
  case .connectionError(let code):
    #expect(goAways == [code])
    #expect(!peer.session.wantsRead && !peer.session.wantsWrite)
  case .streamError(let code, let stream):
    #expect(goAways == [])
    #expect(resets.map(\.resetCode) == [code])
    #expect(resets.map(\.streamID) == [stream])
    #expect(!violation.isMalformed || peer.events.sections(3).isEmpty)
    #expect(try peer.isUsable())
  case .accepted:
    #expect(goAways == [])
    #expect(resets == [])
    let isGoing = violation.steps.contains { if case .goesAway = $0 { true } else { false } }
    #expect(try isGoing || peer.isUsable())
  case .notHTTP2:
    #expect(!isHTTP2)
  }
}
