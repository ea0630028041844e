import GRPCCore
import GRPCNghttp2Transport
import HTTP2TestSupport
import Logging
import NIOPosix
import Testing

/// Calls hear at once that their connection has ended, and not when its socket is closed at last.
@Suite(.timeLimit(.minutes(1))) struct EndedCallsTests {
  /// What ends a connection whose client reads nothing.
  enum Ending: CaseIterable {
    case stop, grace, pings, violation
  }

  @Test("Handlers hear of the end of a connection while its client still takes nothing", arguments: Ending.allCases)
  func handlers(ending: Ending) async throws {
    let handleCancelled = Event()
    let writeFailed = Event()
    let writes = Counter()
    let service = TestService([
      "Flood": { _, _ in
        StreamingServerResponse { writer in
          defer { writeFailed.happen() }
          try await withRPCCancellationHandler {
            while true {
              try await writer.write([UInt8](repeating: 1, count: 1 << 18))
              writes.add()
            }
          } onCancelRPC: {
            handleCancelled.happen()
          }
          return [:]
        }
      }
    ])
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.shutdownGracePeriod = .milliseconds(50)
    configuration.lingerTime = .seconds(3600)
    let transport = Nghttp2ServerTransport(
      listeningOn: anyPort, configuration: configuration,
      eventLoopGroup: MultiThreadedEventLoopGroup.singleton.next(), logger: Logger(label: "test"))
    let server = GRPCServer(transport: transport, services: [service])
    let run = Task { try await server.serve() }
    let endpoint = try await transport.boundEndpoint
    try await SlowPeer.call("Flood", at: endpoint) { peer in
      try await peer.read { $0.answerBytes > 0 }
      try await peer.stopReading()
      // The socket is full once the only event loop has long served others alone.
      try await withClient([endpoint]) { client in
        var seen = 0
        repeat {
          seen = writes.value
          for _ in 0..<100 { try await client.expect("Echo", [1], answer: [1]) }
        } while seen != writes.value
      }
      switch ending {
      case .stop: run.cancel()
      case .grace: server.beginGracefulShutdown()
      case .pings: try await peer.send([], .ping(), .ping(), .ping(), .ping())
      // Payload for no stream.
      case .violation: try await peer.send([], .data(0, [1]))
      }
      await handleCancelled.wait()
      await writeFailed.wait()
    }
    server.beginGracefulShutdown()
    try await run.value
  }

  @Test("A client's calls fail while its server still takes nothing")
  func calls() async throws {
    let gate = Event()
    try await RawPeer.listen(receiveBuffer: 65_536) { peer in
      _ = try await peer.read { !$0.sections(1).isEmpty }
      try await peer.stopReading()
      await gate.wait()
    } _: { endpoint in
      let transport = try Nghttp2ClientTransport(endpoints: [endpoint])
      let client = GRPCClient(transport: transport)
      let run = Task { try await client.runConnections() }
      let isSent = Event()
      async let error = rpcError {
        try await client.stream("Collect") { writer in
          while true {
            try await writer.write([UInt8](repeating: 1, count: 1 << 16))
            isSent.happen()
          }
        } response: { response in
          for try await _ in response.messages {}
        }
      }
      await isSent.wait()
      run.cancel()
      // While the server's gate is closed.
      let code = await error?.code
      #expect(code != nil)
      gate.happen()
      try? await run.value
    }
  }
}
