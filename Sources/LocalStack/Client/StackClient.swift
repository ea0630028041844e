import GRPCCore
package import GRPCNghttp2Transport
package import ServiceKit
package import TemporisAPI

/// The services of a running stack, called as any client would: over gRPC, each call with the same session.
package struct StackClient: Sendable {
  /// Accounts and sessions.
  package let accounts: any Temporis_Token_V1_AccountService.ClientProtocol
  /// Access tokens.
  package let tokens: any Temporis_Token_V1_AccessTokenService.ClientProtocol
  /// Data sources.
  package let sources: any Temporis_Predict_V1_DataSourceService.ClientProtocol
  /// Data profiles.
  package let profiles: any Temporis_Predict_V1_DataProfileService.ClientProtocol
  /// The card on file and the usage.
  package let billing: any Temporis_Billing_V1_BillingService.ClientProtocol

  /// Connects to the services while something runs.
  ///
  /// - Parameters:
  ///   - services: `HOST:PORT` of every replica, by service.
  ///   - identity: Who calls. `nil` when the services speak plaintext.
  ///   - session: The dashboard session that each call is made with. `nil` for calls that need none.
  package static func with<R>(
    services: [Workload: [String]], identity: WorkloadIdentity?, session: String?,
    _ body: (StackClient) async throws -> R
  ) async throws -> R {
    let interceptors = session.map { [MetadataInterceptor(["authorization": "Bearer \($0)"])] } ?? []
    let clients = try [Workload.tokenService, .predictService].map { service in
      let endpoints = try (services[service] ?? []).map { try SocketEndpoint(parsing: $0) }
      return try ServiceClient(endpoints: endpoints, service: service, identity: identity, interceptors: interceptors)
    }
    let (token, predict) = (clients[0].grpc, clients[1].grpc)
    let client = StackClient(
      accounts: Temporis_Token_V1_AccountService.Client(wrapping: token),
      tokens: Temporis_Token_V1_AccessTokenService.Client(wrapping: token),
      sources: Temporis_Predict_V1_DataSourceService.Client(wrapping: predict),
      profiles: Temporis_Predict_V1_DataProfileService.Client(wrapping: predict),
      billing: Temporis_Billing_V1_BillingService.Client(wrapping: predict))
    return try await withThrowingTaskGroup(of: Void.self) { group in
      for client in clients { group.addTask { try await client.run() } }
      defer { for client in clients { client.grpc.beginGracefulShutdown() } }
      return try await body(client)
    }
  }
}
