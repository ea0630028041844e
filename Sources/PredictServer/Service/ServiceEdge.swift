import GRPCCore
import Postgres
import ServiceKit

/// Where errors of the inside become what a caller hears.
struct ServiceEdge: Sendable {
  /// Runs one call's work.
  ///
  /// - Throws: `ServiceError` as it is; `unavailable` for a transient fault of the database, a commit whose outcome is
  ///   unknown included; `RPCError` for a cancelled call and for faults that a retry would not cure. Both have their cause.
  nonisolated(nonsending) func run<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch let error as ServiceError {
      throw error
    } catch let error as RPCError {
      throw error
    } catch is CancellationError {
      throw RPCError(code: .cancelled, message: "The call was cancelled.")
    } catch let error as PostgresError where error.code == .cancelled {
      throw RPCError(code: .cancelled, message: "The call was cancelled.")
    } catch let error as PostgresError where error.isTransient {
      throw ServiceError(.unavailable, cause: error)
    } catch {
      throw RPCError(code: .internalError, message: "The service failed.", cause: error)
    }
  }
}

extension PostgresError {
  /// Whether the same statement may well succeed a little later.
  var isTransient: Bool {
    if let sqlState {
      // Connection exceptions, rollbacks, resources, operator intervention, system errors; a standby; a lock in use.
      return ["08", "40", "53", "57", "58"].contains(sqlState.rawValue.prefix(2))
        || sqlState == .readOnlyTransaction || sqlState == .lockNotAvailable
    }
    return [.connectionLost, .connectionFailed, .overloaded, .timeout, .closed].contains(code)
  }
}
