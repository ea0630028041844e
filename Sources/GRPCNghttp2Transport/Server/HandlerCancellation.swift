import GRPCCore
import Synchronization

/// Cancels a handler: GRPCCore's handle, which handlers observe, and the task that runs it.
///
/// Either may come before or after the cancellation.
final class HandlerCancellation: Sendable {
  private struct State {
    var isCancelled = false
    var isFinished = false
    var handle: ServerContext.RPCCancellationHandle?
    var task: Task<Void, Never>?
  }

  private let state = Mutex(State())

  func setHandle(_ handle: ServerContext.RPCCancellationHandle) {
    let isCancelled = self.state.withLock { state in
      state.handle = handle
      return state.isCancelled
    }
    if isCancelled {
      handle.cancel()
    }
  }

  func setTask(_ task: Task<Void, Never>) {
    let isCancelled = self.state.withLock { state in
      if !state.isFinished {
        state.task = task
      }
      return state.isCancelled
    }
    if isCancelled {
      task.cancel()
    }
  }

  func cancel() {
    let (handle, task) = self.state.withLock { state in
      state.isCancelled = true
      return (state.handle, state.task)
    }
    handle?.cancel()
    task?.cancel()
  }

  /// The handler returned: there is nothing to cancel any more.
  func finished() {
    self.state.withLock { state in
      state.isFinished = true
      state.handle = nil
      state.task = nil
    }
  }
}
