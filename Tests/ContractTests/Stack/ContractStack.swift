import GRPCNghttp2Transport
import Logging
import SystemSupport
import TestSupport

/// The stack that the contract tests share; it logs all that it ever would, so that what it must not log is missed.
enum ContractStack {
  private static let shared = Task { try await Stack(environment: ["TEMPORIS_LOG_LEVEL": "trace"]) }

  static func running() async throws -> Stack { try await shared.value }

  /// The address of a process.
  static func address(of process: String) async throws -> String {
    guard let address = try await running().ready().services[process]?.first else {
      throw Command.Failure(description: "ready.json names no \(process)")
    }
    return address
  }

  /// Who a workload of the stack is, from the files that the stack has made.
  static func identity(of workload: String = "client") async throws -> WorkloadIdentity {
    let identity = try await running().identity(of: workload)
    return try WorkloadIdentity(
      files: IdentityFiles(
        certificate: identity.certificate, key: identity.key, authorities: identity.authorities),
      logger: .silent)
  }

  /// A client of a process.
  static func transport(to process: String, as workload: String = "client") async throws -> Nghttp2ClientTransport {
    try Nghttp2ClientTransport(
      endpoints: [SocketEndpoint(parsing: try await address(of: process))],
      security: .mutualTLS(try await identity(of: workload), peer: .workload(process)))
  }
}
