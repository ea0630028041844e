package import GRPCCore
import Synchronization

/// Where a server listens, for any number of tasks to wait for until it is known.
package struct BoundEndpoint: ~Copyable, Sendable {
  typealias Continuation = CheckedContinuation<SocketEndpoint, any Error>

  // Not private: a type that has this as its part needs to know it.
  struct State {
    var result: Result<SocketEndpoint, RPCError>?
    var waiters: [UInt64: Continuation] = [:]
    var nextID: UInt64 = 0
  }

  private let state = Mutex(State())

  package init() {}

  /// How many tasks wait.
  package var waiterCount: Int { self.state.withLock { $0.waiters.count } }

  /// Tells the waiting tasks and all later ones; only the first result counts.
  package func publish(_ result: Result<SocketEndpoint, RPCError>) {
    let (waiters, result) = self.state.withLock { state in
      let published = state.result ?? result
      state.result = published
      defer { state.waiters = [:] }
      return (state.waiters, published)
    }
    for waiter in waiters.values {
      waiter.resume(with: result)
    }
  }

  /// Waits for the result and throws its error, or CANCELLED as soon as the task is cancelled.
  package func wait() async throws -> SocketEndpoint {
    let id = self.state.withLock { state in
      defer { state.nextID += 1 }
      return state.nextID
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: Continuation) in
        let outcome: Result<SocketEndpoint, RPCError>? = self.state.withLock { state in
          if let result = state.result { return result }
          // Cancellation sets the flag before it runs the handler below, so that one of the two sees the other.
          if Task.isCancelled { return .failure(.waitForEndpointCancelled) }
          state.waiters[id] = continuation
          return nil
        }
        if let outcome {
          continuation.resume(with: outcome)
        }
      }
    } onCancel: {
      let waiter = self.state.withLock { $0.waiters.removeValue(forKey: id) }
      waiter?.resume(throwing: RPCError.waitForEndpointCancelled)
    }
  }
}

extension RPCError {
  fileprivate static let waitForEndpointCancelled = RPCError(
    code: .cancelled, message: "The task that waits for the server's address was cancelled.",
    cause: CancellationError())
}
