import GRPCCore
import GRPCNghttp2Transport
import Logging
import ServiceKit
import ServiceLifecycleTestKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct ServerServiceTests {
  @Test("A server that is to stop before it has begun to serve ends at once, and well")
  func stoppedBefore() async throws {
    let logger = Logger(label: "test")
    let transport = Nghttp2ServerTransport(listeningOn: .host("127.0.0.1", port: 0), logger: logger)
    let service = ServerService(
      server: GRPCServer(transport: transport, services: []), health: .alwaysServing, logger: logger)
    try await testGracefulShutdown { trigger in
      trigger.triggerGracefulShutdown()
      try await service.run()
    }
  }
}
