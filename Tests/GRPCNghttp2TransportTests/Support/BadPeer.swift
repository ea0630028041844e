import GRPCCore
import GRPCNghttp2Transport
import HTTP2TestSupport
import Logging
import NIOPosix
import Testing

/// Lets a peer do its worst to a server whose only event loop also carries a good client's calls, which must all
/// succeed.
func withBadPeer<Result: Sendable>(
  _ service: TestService = TestService(), configuration: Nghttp2ServerConfiguration = .defaults,
  _ body: @Sendable (WirePeer) async throws -> Result
) async throws -> Result {
  let transport = Nghttp2ServerTransport(
    listeningOn: anyPort, configuration: configuration,
    eventLoopGroup: MultiThreadedEventLoopGroup.singleton.next(), logger: Logger(label: "test"))
  return try await withGRPCServer(transport: transport, services: [service]) { _ in
    let endpoint = try await transport.boundEndpoint
    return try await withClient([endpoint]) { client in
      try await client.expect("Echo", [1], answer: [1])
      let isOver = Event()
      async let calls = callUntil(isOver, client)
      let result: Result
      do {
        defer { isOver.happen() }
        result = try await WirePeer.connect(to: endpoint, body)
      }
      #expect(try await calls > 0)
      try await client.expect("Echo", [2], answer: [2])
      return result
    }
  }
}

/// Makes at least one call, and more until the event; returns how many succeeded.
private func callUntil(_ isOver: Event, _ client: TestClient) async throws -> Int {
  var calls = 0
  repeat {
    try await client.expect("Echo", [3], answer: [3])
    calls += 1
  } while !isOver.hasHappened
  return calls
}
