import Synchronization

/// Whether a process can take calls, and who waits to hear of a change.
package final class HealthMonitor: Sendable {
  private struct State {
    var isServing: Bool
    var nextWatcher = 0
    var watchers: [Int: AsyncStream<Bool>.Continuation] = [:]
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

  /// Changes the state and tells the watchers, when it is a change.
  package func set(isServing: Bool) {
    state.withLock { state in
      guard state.isServing != isServing else { return }
      state.isServing = isServing
      for watcher in state.watchers.values { watcher.yield(isServing) }
    }
  }

  /// The state now and after each change; a slow reader sees only the newest.
  func changes() -> AsyncStream<Bool> {
    let (stream, continuation) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      state.nextWatcher += 1
      state.watchers[state.nextWatcher] = continuation
      continuation.yield(state.isServing)
      return state.nextWatcher
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { _ = $0.watchers.removeValue(forKey: id) }
    }
    return stream
  }
}
