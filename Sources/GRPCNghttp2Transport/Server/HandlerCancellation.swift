import GRPCCore
import Synchronization

/// Cancels a handler: GRPCCore's handle, which handlers observe, and the task that runs it.
///
/// Either may come before or after the cancellation. It counts those that run on after it. A server that is stopping
/// cancels the handle alone: what was begun may be finished.
struct HandlerCancellation: ~Copyable, Sendable {
  // Not private: a type that has this as its part needs to know it.
  struct State {
    var isCancelled = false
    /// Whether the handle is, or will be once it is there.
    var isHandleCancelled = false
    var isFinished = false
    var handle: ServerContext.RPCCancellationHandle?
    var task: Task<Void, Never>?
  }

  private let state = Mutex(State())
  private let abandoned: HandlerCount

  /// The handler is among `abandoned` from its cancellation until it returns.
  init(counting abandoned: HandlerCount) {
    self.abandoned = abandoned
  }

  func setHandle(_ handle: ServerContext.RPCCancellationHandle) {
    let isHandleCancelled = self.state.withLock { state in
      state.handle = handle
      return state.isHandleCancelled
    }
    if isHandleCancelled {
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
      if !state.isCancelled, !state.isFinished {
        self.abandoned.increment()
      }
      state.isCancelled = true
      state.isHandleCancelled = true
      return (state.handle, state.task)
    }
    // The handle first: a handler that ends with its task would no longer hear of it.
    handle?.cancel()
    task?.cancel()
  }

  /// Tells the handler alone: that the server is stopping, which leaves it to finish, or that its call is over, before
  /// anything else makes it leave and not hear of it.
  func cancelHandle() {
    let handle = self.state.withLock { state in
      state.isHandleCancelled = true
      return state.handle
    }
    handle?.cancel()
  }

  /// The handler returned: there is nothing to cancel any more.
  func finished() {
    self.state.withLock { state in
      if state.isCancelled, !state.isFinished {
        self.abandoned.decrement()
      }
      state.isFinished = true
      state.handle = nil
      state.task = nil
    }
  }
}
