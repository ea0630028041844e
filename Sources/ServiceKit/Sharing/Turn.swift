import GRPCNghttp2Transport
import Synchronization

/// A task that waits in a queue for its turn. Whoever takes it from the queue resumes it, once.
package struct Turn: Sendable {
  private static let lastID = Atomic<UInt64>(0)

  /// No other's.
  package let id: UInt64
  private let continuation: CheckedContinuation<Void, any Error>

  /// Lets the task go on, or throws there.
  package func resume(with outcome: Result<Void, any Error> = .success(())) {
    continuation.resume(with: outcome)
  }

  /// Waits for a turn: as long as the call that runs in this task has time to be answered, or else without a limit.
  ///
  /// - Parameters:
  ///   - refusal: What is thrown when that time is over.
  ///   - admit: Resumes the turn, or has it wait, and returns whether it waits. A task that is cancelled already must
  ///     not wait: nobody removes it.
  ///   - remove: Takes the turn with this id from the queue, if it is there, and resumes it with the error.
  /// - Throws: What `admit` resumes it with, `refusal`, or `CancellationError` when the task is cancelled.
  nonisolated(nonsending) package static func wait(
    orThrow refusal: any Error, admit: (Turn) -> Bool,
    remove: @escaping @Sendable (_ id: UInt64, _ error: any Error) -> Void
  ) async throws {
    let id = lastID.wrappingAdd(1, ordering: .relaxed).newValue
    var timer: Timers.Timer?
    defer { timer?.cancel() }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        guard admit(Turn(id: id, continuation: continuation)), let deadline = CallDeadline.current else { return }
        let now = ContinuousClock.now
        let end = AnswerReserve(until: deadline, at: now).end
        timer = Timers.shared.set(after: now.duration(to: end)) { remove(id, refusal) }
      }
    } onCancel: {
      remove(id, CancellationError())
    }
  }
}
