import NIOPosix
package import ServiceKit
import Synchronization

/// Runs work that blocks on a few threads of its own, in the order of a ``HashingQueue``.
package final class HashingThreads: Sendable {
  private struct Waiter: Sendable {
    let id: Int
    let purpose: HashingPurpose
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var queue: HashingQueue<Waiter>
    var lastID = 0
  }

  private let pool: NIOThreadPool
  private let state: Mutex<State>

  /// Starts the threads; they end when this is released.
  ///
  /// - Parameters:
  ///   - count: The number of threads; at least 1.
  ///   - queueLimit: The most sign-ins, and the most sign-ups, that wait.
  ///   - clientLimit: The most of each that wait for one client.
  package init(count: Int, queueLimit: Int, clientLimit: Int) {
    let count = max(1, count)
    pool = NIOThreadPool(numberOfThreads: count)
    state = Mutex(State(queue: HashingQueue(slots: count, limit: queueLimit, clientLimit: clientLimit)))
    pool.start()
  }

  deinit {
    pool.shutdownGracefully { _ in }
  }

  /// How much work runs and how much waits.
  package var load: (running: Int, waiting: Int) { state.withLock { ($0.queue.running, $0.queue.waiting) } }

  /// Waits for the client's turn and runs `work`, which a cancellation does not end.
  ///
  /// - Throws: ``ServiceError`` `rateLimited` when too much waits, of this client or in all; `CancellationError` when
  ///   the task is cancelled while it waits; the errors of `work`.
  package func run<Output: Sendable>(
    for purpose: HashingPurpose, of client: ClientAddress?, _ work: @escaping @Sendable () throws -> Output
  ) async throws -> Output {
    try await waitForThread(purpose, client)
    defer { state.withLock { $0.queue.finish() }?.continuation.resume() }
    try Task.checkCancellation()
    return try await withCheckedThrowingContinuation { continuation in
      pool.submit { state in
        guard case .active = state else { return continuation.resume(throwing: CancellationError()) }
        continuation.resume(with: Result(catching: work))
      }
    }
  }

  private func waitForThread(_ purpose: HashingPurpose, _ client: ClientAddress?) async throws {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        admit(Waiter(id: id, purpose: purpose, continuation: continuation), of: client)
      }
    } onCancel: {
      let waiter = state.withLock { $0.queue.remove(for: purpose, of: client) { $0.id == id } }
      waiter?.continuation.resume(throwing: CancellationError())
    }
  }

  /// Lets a waiter go on, or has it wait, or refuses it or the one whose place it takes.
  private func admit(_ waiter: Waiter, of client: ClientAddress?) {
    let settled: (waiter: Waiter, outcome: Result<Void, any Error>)? = state.withLock { state in
      // The cancellation handler may have run before there was a waiter to remove.
      if Task.isCancelled { return (waiter, .failure(CancellationError())) }
      return switch state.queue.admit(waiter, for: waiter.purpose, of: client) {
      case nil: (waiter, .success(()))
      case .waits: nil
      case .displaces(let other): (other, .failure(Self.busy(other.purpose)))
      case .refused: (waiter, .failure(Self.busy(waiter.purpose)))
      }
    }
    if let settled { settled.waiter.continuation.resume(with: settled.outcome) }
  }

  private static func busy(_ purpose: HashingPurpose) -> ServiceError {
    let message =
      switch purpose {
      case .signIn: "Too many sign-ins at the moment."
      case .signUp: "Too many new passwords at the moment."
      }
    return ServiceError(.rateLimited, message, retryAfter: .seconds(1))
  }
}
