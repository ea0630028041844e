import GRPCCore
import Synchronization

/// Whether a process can take calls, and who waits to hear of a change.
package final class HealthMonitor: Sendable {
  private struct State {
    var isServing: Bool
    var isDraining = false
    var nextWatcher = 0
    var watchers: [Int: AsyncStream<Bool>.Continuation] = [:]

    mutating func change(_ isServing: Bool) {
      guard self.isServing != isServing else { return }
      self.isServing = isServing
      for watcher in watchers.values { watcher.yield(isServing) }
    }
  }

  private let state: Mutex<State>

  /// Creates a monitor in its first state.
  package init(isServing: Bool) {
    state = Mutex(State(isServing: isServing))
  }

  /// A monitor of a process that serves from its start until it drains.
  package static var alwaysServing: HealthMonitor { HealthMonitor(isServing: true) }

  /// Whether the process can take calls.
  package var isServing: Bool {
    state.withLock { $0.isServing }
  }

  /// Changes the state and tells the watchers, when it is a change. A process that drains takes no calls again.
  package func set(isServing: Bool) {
    state.withLock { $0.change(isServing && !$0.isDraining) }
  }

  /// Takes the process out of service for good.
  package func beginDraining() {
    state.withLock { state in
      state.isDraining = true
      state.change(false)
    }
  }

  /// The state now and after each change, of which a slow reader sees only the newest, and what ends the sequence after
  /// that.
  func changes() -> (states: AsyncStream<Bool>, end: @Sendable () -> Void) {
    let (stream, continuation) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      continuation.yield(state.isServing)
      state.nextWatcher += 1
      state.watchers[state.nextWatcher] = continuation
      return state.nextWatcher
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { _ = $0.watchers.removeValue(forKey: id) }
    }
    return (stream, { continuation.finish() })
  }
}

extension RPCError {
  /// What a call that goes on until somebody ends it fails with once its cancellation handle is cancelled: CANCELLED when
  /// its task is, too, because nobody waits for it any more, and UNAVAILABLE when the server is shutting down.
  static var shutdownOrCancellation: RPCError {
    Task.isCancelled
      ? RPCError(code: .cancelled, message: "The call was cancelled.")
      : RPCError(code: .unavailable, message: "The server is shutting down.")
  }
}
