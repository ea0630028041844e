import ServiceKit
import Synchronization

/// Lets in so many at a time and lets so many wait, first come, first served.
package final class Turnstile: Sendable {
  private struct Waiter {
    let id: Int
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var inside = 0
    var lastID = 0
    var waiters: [Waiter] = []
  }

  private let limit: Int
  private let queueLimit: Int
  private let state = Mutex(State())

  /// - Parameters:
  ///   - limit: how many are inside at a time; at least 1.
  ///   - queueLimit: how many wait at a time; 0 lets none wait.
  package init(limit: Int, queueLimit: Int) {
    self.limit = max(1, limit)
    self.queueLimit = max(0, queueLimit)
  }

  /// How many are inside and how many wait.
  package var occupancy: (inside: Int, waiting: Int) { state.withLock { ($0.inside, $0.waiters.count) } }

  /// Waits for a place and runs `body` in it.
  ///
  /// - Throws: `ServiceError` with `engineBusy` when the queue is full; `CancellationError` while waiting; `body`'s errors.
  nonisolated(nonsending) package func withPlace<Result>(_ body: () async throws -> Result) async throws -> Result {
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

  /// Nil: it waits, and is resumed later.
  private func admit(_ waiter: Waiter) -> Result<Void, any Error>? {
    state.withLock { state in
      // The cancellation handler may have run before there was a waiter to remove.
      if Task.isCancelled { return .failure(CancellationError()) }
      if state.inside < limit {
        state.inside += 1
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
      state.inside -= 1
      return nil
    }
    next?.continuation.resume()
  }
}
