package import GRPCCore
package import GRPCNghttp2Transport
package import Logging
import ServiceLifecycle

/// A gRPC client of another service, as a part of the process's lifetime.
package final class ServiceClient: Service, Sendable {
  /// What stubs are wrapped around.
  package let grpc: GRPCClient<Nghttp2ClientTransport>

  /// Creates a client of a service's replicas. It connects when it is first used, once it runs, and retries methods
  /// that only read.
  /// - Parameters:
  ///   - endpoints: Where the replicas are.
  ///   - service: Whom their certificates must name.
  ///   - identity: Who calls. Nil: the calls are plaintext, and go to whoever listens there.
  ///   - interceptors: What each call passes on its way.
  ///   - logger: Where it says why it can't connect. Nil: only the calls' errors do.
  package init(
    endpoints: [SocketEndpoint], service: String, identity: WorkloadIdentity?,
    interceptors: [any ClientInterceptor] = [], logger: Logger? = nil
  ) throws {
    grpc = GRPCClient(
      transport: try Nghttp2ClientTransport(
        endpoints: endpoints, security: .client(of: service, as: identity),
        configuration: try ServiceTransport.client(), logger: logger),
      interceptors: [RequestIDInterceptor()] + interceptors)
  }

  /// Creates a plaintext client.
  package convenience init(endpoints: [SocketEndpoint]) throws {
    try self.init(endpoints: endpoints, service: "", identity: nil)
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
