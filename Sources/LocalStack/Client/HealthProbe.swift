import GRPCCore
import GRPCNghttp2Transport
import Logging
import ServiceKit
import TemporisAPI

/// Asks a service for its health (grpc.health.v1).
struct HealthProbe: Sendable {
  /// `HOST:PORT` of one process.
  let address: String

  /// Whether `Check` of the whole process answers SERVING within a second.
  func isServing() async -> Bool {
    var options = CallOptions.defaults
    options.timeout = .seconds(1)
    let logger = Logger(label: "temporis.health") { _ in SwiftLogNoOpLogHandler() }
    do {
      let client = try ServiceClient(endpoints: [SocketEndpoint(parsing: address)], logger: logger)
      return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.run() }
        defer { client.grpc.beginGracefulShutdown() }
        let answer = try await Grpc_Health_V1_Health.Client(wrapping: client.grpc).check(.init(), options: options)
        return answer.status == .serving
      }
    } catch {
      return false
    }
  }
}
