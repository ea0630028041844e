package import GRPCCore
package import GRPCNghttp2Transport
import ServiceLifecycle

/// A gRPC client of another service, as a part of the process's lifetime.
package final class ServiceClient: Service, Sendable {
  /// What stubs are wrapped around.
  package let grpc: GRPCClient<Nghttp2ClientTransport>

  /// Creates a client of a service's replicas. It connects when it is first used, once it runs.
  package init(endpoints: [SocketEndpoint]) throws {
    grpc = GRPCClient(transport: try Nghttp2ClientTransport(endpoints: endpoints))
  }

  /// Runs the connections until the process stops.
  package func run() async throws {
    try await withGracefulShutdownHandler {
      try await grpc.runConnections()
    } onGracefulShutdown: { [grpc] in
      grpc.beginGracefulShutdown()
    }
  }
}
