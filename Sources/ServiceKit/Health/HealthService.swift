import GRPCCore
import SwiftProtobuf
import TemporisAPI

/// The gRPC health checking protocol: the same state for the process and for each service that it has.
struct HealthService: Grpc_Health_V1_Health.SimpleServiceProtocol {
  let monitor: HealthMonitor
  let serviceNames: Set<String>

  func check(
    request: Grpc_Health_V1_HealthCheckRequest, context: ServerContext
  ) async throws -> Grpc_Health_V1_HealthCheckResponse {
    guard knows(request.service) else {
      throw RPCError(code: .notFound, message: "This process has no such service.")
    }
    return .with { $0.status = monitor.isServing ? .serving : .notServing }
  }

  func watch(
    request: Grpc_Health_V1_HealthCheckRequest, response: RPCWriter<Grpc_Health_V1_HealthCheckResponse>,
    context: ServerContext
  ) async throws {
    let isKnown = knows(request.service)
    let (states, end) = monitor.changes()
    try await withRPCCancellationHandler {
      for await isServing in states {
        try await response.write(.with { $0.status = !isKnown ? .serviceUnknown : isServing ? .serving : .notServing })
      }
    } onCancelRPC: {
      end()
    }
    throw RPCError.shutdownOrCancellation
  }

  private func knows(_ service: String) -> Bool {
    service.isEmpty || serviceNames.contains(service)
  }
}
