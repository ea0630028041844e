import GRPCCore
package import GRPCNghttp2Transport
import TemporisAPI

/// Asks for the health of the whole process over gRPC (`grpc.health.v1`).
package struct GRPCHealthProbe: HealthProbe {
  private let endpoint: SocketEndpoint
  private let timeout: Duration
  private let security: TransportSecurity

  /// Names the process by where it takes calls.
  /// - Parameters:
  ///   - service: Whom its certificate must name.
  ///   - identity: Who asks. Nil: the process takes plaintext calls.
  package init(endpoint: SocketEndpoint, timeout: Duration, service: Workload, identity: WorkloadIdentity?) {
    self.endpoint = endpoint
    self.timeout = timeout
    security = .client(of: service, as: identity)
  }

  /// Names a process that takes plaintext calls.
  package init(endpoint: SocketEndpoint, timeout: Duration) {
    self.endpoint = endpoint
    self.timeout = timeout
    security = .plaintext
  }

  package func check() async throws {
    let client = try ServiceClient(endpoints: [endpoint], security: security)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await client.run() }
      defer { client.grpc.beginGracefulShutdown() }
      let health = Grpc_Health_V1_Health.Client(wrapping: client.grpc)
      let response = try await CallDeadline.within(timeout) { try await health.check(.init()) }
      guard response.status == .serving else { throw NotServingError() }
    }
  }
}
