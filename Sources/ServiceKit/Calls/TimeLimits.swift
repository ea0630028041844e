import GRPCCore
package import GRPCNghttp2Transport
import Synchronization

// The deadline of a call that is handled is that of the calls which its handler makes, so that nothing is done for an
// answer that nobody reads.
extension CallDeadline {
  /// Makes calls that may take `timeout` altogether, and no longer than the call that they are made for.
  /// - Throws: DEADLINE_EXCEEDED when the time is over before, or what `calls` throws, which a call's own end in time
  ///   is.
  package static func within<Answer: Sendable>(
    _ timeout: Duration, _ calls: () async throws -> Answer
  ) async throws -> Answer {
    let now = ContinuousClock.now
    let timeout = min(timeout, current.map { now.duration(to: $0) } ?? timeout)
    guard timeout > .zero else { throw RPCError(code: .deadlineExceeded, message: "The time for the call is over.") }
    return try await $current.withValue(now + timeout) { try await calls() }
  }
}

// In place of `Task.sleep`, of which Swift lets go only once its time is over, also when it was cancelled long before.

/// Waits. A wait that is cancelled leaves nothing behind.
/// - Throws: `CancellationError` as soon as the task is cancelled.
package func pause(for duration: Duration) async throws {
  try await Timers.shared.sleep(for: duration)
}

/// Work that took too long.
package struct TimeLimitError: Error, CustomStringConvertible {
  /// How long it might have taken.
  package let limit: Duration

  package var description: String { "no answer within \(limit)" }
}

/// Runs work that is cancelled, like a task, once it has taken `limit`.
/// - Throws: ``TimeLimitError`` when it fails then, or what the work throws.
package func withTimeLimit<Answer: Sendable>(
  _ limit: Duration, _ work: @escaping @Sendable () async throws -> Answer
) async throws -> Answer {
  let isOver = Mutex(false)
  let task = Task { try await work() }
  let timer = Timers.shared.set(after: limit) {
    isOver.withLock { $0 = true }
    task.cancel()
  }
  defer { timer.cancel() }
  do {
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  } catch  where isOver.withLock({ $0 }) && !Task.isCancelled {
    throw TimeLimitError(limit: limit)
  }
}
