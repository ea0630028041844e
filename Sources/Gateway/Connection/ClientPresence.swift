import NIOCore
import Synchronization

/// Whether the client of a connection (HTTP/1.1) or stream (HTTP/2) is still there to be answered.
///
/// Either carries one request at a time, so one piece of work at most is registered.
final class ClientPresence: Sendable {
  private struct State {
    var hasLeft = false
    var cancel: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  /// Whether the client has left, so that nobody would read an answer.
  var hasLeft: Bool {
    state.withLock { $0.hasLeft }
  }

  /// Runs work in a task of its own that is cancelled when the client leaves or the caller is cancelled.
  func cancellingWhenGone<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let task = Task { try await work() }
    watch { task.cancel() }
    defer { unwatch() }
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }

  /// Calls `cancel` when the client leaves: at once if it already has. Replaces what was registered before.
  func watch(_ cancel: @escaping @Sendable () -> Void) {
    let hasLeft = state.withLock { state in
      state.cancel = cancel
      return state.hasLeft
    }
    if hasLeft { cancel() }
  }

  /// Forgets what was registered.
  func unwatch() {
    state.withLock { $0.cancel = nil }
  }

  /// Records that the client has left.
  func clientLeft() {
    let cancel = state.withLock { state in
      state.hasLeft = true
      return state.cancel
    }
    cancel?()
  }
}
