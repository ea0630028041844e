import NIOPosix
package import ServiceKit
import Synchronization

/// Runs work that blocks on a few threads of its own, in the order of a ``HashingQueue``.
package final class HashingThreads: Sendable {
  private struct Waiter: Sendable {
    let turn: Turn
    let purpose: HashingPurpose
  }

  private let pool: NIOThreadPool
  private let queue: Mutex<HashingQueue<Waiter>>

  /// Starts the threads; they end when this is released.
  ///
  /// - Parameters:
  ///   - count: The number of threads; at least 1.
  ///   - queueLimit: The most sign-ins, and the most sign-ups, that wait.
  ///   - clientLimit: The most of each that wait for one client.
  package init(count: Int, queueLimit: Int, clientLimit: Int) {
    let count = max(1, count)
    pool = NIOThreadPool(numberOfThreads: count)
    queue = Mutex(HashingQueue(slots: count, limit: queueLimit, clientLimit: clientLimit))
    pool.start()
  }

  deinit {
    pool.shutdownGracefully { _ in }
  }

  /// How much work runs and how much waits.
  package var load: (running: Int, waiting: Int) { queue.withLock { ($0.running, $0.waiting) } }

  /// Waits for the client's turn and runs `work`, which a cancellation does not end.
  ///
  /// - Throws: ``ServiceError`` `rateLimited` when too much waits, of this client or in all, or it waits until its call
  ///   must be answered; `CancellationError` when the task is cancelled while it waits; the errors of `work`.
  package func run<Output: Sendable>(
    for purpose: HashingPurpose, of client: ClientAddress?, _ work: @escaping @Sendable () throws -> Output
  ) async throws -> Output {
    try await Turn.wait(orThrow: Self.busy(purpose)) { turn in
      admit(Waiter(turn: turn, purpose: purpose), of: client)
    } remove: { [self] id, error in
      let waiter = queue.withLock { $0.remove(for: purpose, of: client) { $0.turn.id == id } }
      waiter?.turn.resume(with: .failure(error))
    }
    defer { queue.withLock { $0.finish() }?.turn.resume() }
    try Task.checkCancellation()
    return try await withCheckedThrowingContinuation { continuation in
      pool.submit { state in
        guard case .active = state else { return continuation.resume(throwing: CancellationError()) }
        continuation.resume(with: Result(catching: work))
      }
    }
  }

  /// Lets a waiter go on, or has it wait, or refuses it or the one whose place it takes.
  ///
  /// - Returns: Whether it waits, unless it has gone on since.
  private func admit(_ waiter: Waiter, of client: ClientAddress?) -> Bool {
    let settled: (waiter: Waiter, outcome: Result<Void, any Error>)? = queue.withLock { queue in
      // The cancellation handler may have run before there was a waiter to remove.
      if Task.isCancelled { return (waiter, .failure(CancellationError())) }
      return switch queue.admit(waiter, for: waiter.purpose, of: client) {
      case nil: (waiter, .success(()))
      case .waits: nil
      case .displaces(let other): (other, .failure(Self.busy(other.purpose)))
      case .refused: (waiter, .failure(Self.busy(waiter.purpose)))
      }
    }
    guard let settled else { return true }
    settled.waiter.turn.resume(with: settled.outcome)
    return settled.waiter.turn.id != waiter.turn.id
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
