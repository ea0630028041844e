import GRPCCore

/// Runs work in a task that is cancelled with the RPC.
///
/// A transport must tell the RPC's handle of the deadline and of the client's cancellation, and need not cancel the task
/// that runs the handler, while the database and the engine look at their task.
func withCallCancellation<Result: Sendable>(
  _ operation: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  let task = Task { try await operation() }
  return try await withTaskCancellationHandler {
    try await withRPCCancellationHandler {
      try await task.value
    } onCancelRPC: {
      task.cancel()
    }
  } onCancel: {
    task.cancel()
  }
}
