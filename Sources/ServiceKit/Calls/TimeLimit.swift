import GRPCNghttp2Transport

// In place of `Task.sleep`, of which Swift lets go only once its time is over, also when it was cancelled long before.

/// Waits. A wait that is cancelled leaves nothing behind.
/// - Throws: `CancellationError` as soon as the task is cancelled.
package func pause(for duration: Duration) async throws {
  try await Timers.shared.sleep(for: duration)
}

/// Runs work that is cancelled, like a task, once it has taken `limit`.
/// - Throws: What the work throws, which may be a `CancellationError` then.
package func withTimeLimit<Answer: Sendable>(
  _ limit: Duration, _ work: @escaping @Sendable () async throws -> Answer
) async throws -> Answer {
  let task = Task { try await work() }
  let timer = Timers.shared.set(after: limit) { task.cancel() }
  defer { timer.cancel() }
  return try await withTaskCancellationHandler {
    try await task.value
  } onCancel: {
    task.cancel()
  }
}
