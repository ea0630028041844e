import SystemSupport

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
}
