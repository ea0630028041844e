import GRPCCore
import GRPCNghttp2Transport
import HTTP2TestSupport
import Testing

/// Connections whose server takes its leave, without an error, before it has answered a call on them.
@Suite(.timeLimit(.minutes(1))) struct PoliteEndTests {
  enum Moment: String, CaseIterable, Sendable {
    /// In the same bytes as the SETTINGS.
    case withSettings
    /// While the client makes the connection known to its calls.
    case afterSettings
    case afterAcknowledgement
    case afterHeaders
  }

  @Test(
    "However early a server takes its leave of a connection, its calls are made on another",
    arguments: Moment.allCases, [false, true])
  func early(_ moment: Moment, closes: Bool) async throws {
    // A call that was sent may be made again only once.
    let leaves = moment == .withSettings ? 3 : 1
    let calls: UInt32 = 10
    for _ in 0..<20 {
      let connections = Counter()
      try await WirePeer.listen(settings: nil) { peer in
        connections.add()
        if connections.value <= leaves {
          try await Self.leave(peer, moment)
          if closes { try await peer.endOutput() }
        } else {
          try await peer.sendRaw(Wire.settings())
          for call in 0..<calls { try await QueuedCallTests.answer(peer, 2 * call + 1) }
        }
        try await peer.readToClose()
      } _: { endpoint in
        var configuration = Nghttp2ClientConfiguration.defaults
        configuration.backoff.initial = .milliseconds(1)
        try await withClient([endpoint], configuration: configuration) { client in
          try await withThrowingDiscardingTaskGroup { group in
            for _ in 0..<calls {
              group.addTask { try await client.expect("Echo", answer: [7]) }
            }
          }
        }
      }
      #expect(connections.value == leaves + 1)
    }
  }

  static func leave(_ peer: WirePeer, _ moment: Moment) async throws {
    let goodbye = Wire.goAway(lastStream: 0)
    guard moment != .withSettings else { return try await peer.sendRaw(Wire.settings() + goodbye) }
    try await peer.sendRaw(Wire.settings())
    switch moment {
    case .withSettings, .afterSettings: break
    case .afterAcknowledgement: try await peer.read { $0.frames.contains { $0.isSettingsAck } }
    case .afterHeaders: try await peer.read { $0.frames.contains { $0.isHeaders } }
    }
    try await peer.sendRaw(goodbye)
  }
}
