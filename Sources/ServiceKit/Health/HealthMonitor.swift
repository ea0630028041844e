package import GRPCCore
package import Logging
import Synchronization

/// Whether a process can take calls, and who waits to hear of a change. Each change is logged with its reason.
package final class HealthMonitor: Sendable {
  private struct State {
    var isServing: Bool
    var isDraining = false
    /// Why it can't take calls, as was logged last.
    var reason: String?
    var nextWatcher = 0
    var watchers: [Int: AsyncStream<Bool>.Continuation] = [:]

    mutating func change(_ isServing: Bool) {
      guard self.isServing != isServing else { return }
      self.isServing = isServing
      for watcher in watchers.values { watcher.yield(isServing) }
    }
  }

  private let state: Mutex<State>
  private let logger: Logger?

  /// Creates a monitor in its first state.
  /// - Parameter logger: Where changes are told of. Nil: nowhere.
  package init(isServing: Bool, logger: Logger? = nil) {
    state = Mutex(State(isServing: isServing))
    self.logger = logger
  }

  /// A monitor of a process that serves from its start until it drains.
  package static var alwaysServing: HealthMonitor { HealthMonitor(isServing: true) }

  /// Whether the process can take calls.
  package var isServing: Bool {
    state.withLock { $0.isServing }
  }

  /// Changes the state and tells the watchers, when it is a change. A process that drains takes no calls again.
  /// - Parameter failure: Why the process can't take calls. Nil: it can.
  package func set(failure: (any Error)?) {
    let reason = failure?.causeChain
    let isNews = state.withLock { state in
      guard !state.isDraining else { return false }
      defer { state.reason = reason }
      let isNews = state.isServing != (reason == nil) || state.reason != reason
      state.change(reason == nil)
      return isNews
    }
    guard isNews else { return }
    if let reason {
      logger?.warning("Can't take calls", metadata: ["reason": "\(reason)"])
    } else {
      logger?.info("Can take calls")
    }
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
  /// What a call that goes on until somebody ends it fails with once its cancellation handle is cancelled: CANCELLED
  /// when its task is, too, because nobody waits for it any more, and UNAVAILABLE when the server is shutting down.
  package static var shutdownOrCancellation: RPCError {
    Task.isCancelled
      ? RPCError(code: .cancelled, message: "The call was cancelled.")
      : RPCError(code: .unavailable, message: "The server is shutting down.")
  }
}
