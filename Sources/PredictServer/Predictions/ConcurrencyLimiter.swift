import ServiceKit
import Synchronization

/// Runs a bounded number of pieces of work at a time; a bounded number more waits in FIFO order.
package final class ConcurrencyLimiter: Sendable {
  private struct Waiter {
    let id: Int
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var running = 0
    var lastID = 0
    var waiters: [Waiter] = []
  }

  private let limit: Int
  private let queueLimit: Int
  private let state = Mutex(State())

  /// - Parameters:
  ///   - limit: The most that run at a time; at least 1.
  ///   - queueLimit: The most that wait at a time; 0 lets none wait.
  package init(limit: Int, queueLimit: Int) {
    self.limit = max(1, limit)
    self.queueLimit = max(0, queueLimit)
  }

  /// The numbers of those that run and that wait.
  package var occupancy: (running: Int, waiting: Int) { state.withLock { ($0.running, $0.waiters.count) } }

  /// Waits for its turn and runs `body`.
  ///
  /// - Throws: `ServiceError` with `engineBusy` when the queue is full; `CancellationError` while waiting; `body`'s
  ///   errors.
  nonisolated(nonsending) package func run<Result>(_ body: () async throws -> Result) async throws -> Result {
    try await enter()
    defer { leave() }
    return try await body()
  }

  nonisolated(nonsending) private func enter() async throws {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        if let outcome = admit(Waiter(id: id, continuation: continuation)) { continuation.resume(with: outcome) }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
      }
      waiter?.continuation.resume(throwing: CancellationError())
    }
  }

  /// `nil`: it waits, and is resumed later.
  private func admit(_ waiter: Waiter) -> Result<Void, any Error>? {
    state.withLock { state in
      // The cancellation handler may have run before there was a waiter to remove.
      if Task.isCancelled { return .failure(CancellationError()) }
      if state.running < limit {
        state.running += 1
        return .success(())
      }
      guard state.waiters.count < queueLimit else {
        return .failure(ServiceError(.engineBusy, retryAfter: .seconds(1)))
      }
      state.waiters.append(waiter)
      return nil
    }
  }

  private func leave() {
    let next = state.withLock { state -> Waiter? in
      guard state.waiters.isEmpty else { return state.waiters.removeFirst() }
      state.running -= 1
      return nil
    }
    next?.continuation.resume()
  }
}
