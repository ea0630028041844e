import GRPCCore
import GRPCNghttp2Transport
import Logging
import ServiceKit
import TestSupport

/// Runs a server that has what every one of the suite has; it stops with the task that is returned.
func serve(
  _ service: any RegistrableRPCService
) async throws -> (endpoint: SocketEndpoint, task: Task<Void, any Error>) {
  let logger = Logger.silent
  let transport = Nghttp2ServerTransport(listeningOn: try SocketEndpoint(parsing: "127.0.0.1:0"), logger: logger)
  let standard = StandardServices(health: .alwaysServing, servesReflection: false, logger: logger)
  let server = GRPCServer(transport: transport, router: try standard.router(with: [service]))
  let task = Task { try await server.serve() }
  return (try await transport.boundEndpoint, task)
}

/// Runs a client of the suite; it stops with the task that is returned.
func connect(to endpoint: SocketEndpoint) throws -> (client: ServiceClient, task: Task<Void, any Error>) {
  let client = try ServiceClient(endpoints: [endpoint])
  return (client, Task { try await client.run() })
}
