import CLibPQ
import Glibc
import Synchronization

/// The queue from the callers to the poller: requests under a lock, and an eventfd that is written only while
/// the poller sleeps.
final class Inbox: Sendable {
  private struct State {
    var requests: [Request] = []
    var pollerSleeps = false
    var isClosing = false
    var isClosed = false
    var whenClosed: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  /// The number of requests accepted and not yet answered. It rises under the lock only.
  private let pending = Atomic(0)
  private let limit: Int
  let eventDescriptor: Int32

  init(limit: Int) throws(PostgresError) {
    self.limit = limit
    eventDescriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
    if eventDescriptor < 0 {
      throw PostgresError(.configuration, "eventfd failed (errno \(errno)): raise the limit of open files")
    }
  }

  deinit {
    Glibc.close(eventDescriptor)
  }

  /// Runs a request; the cancellation of its task may drop it.
  nonisolated(nonsending) func run(_ request: Request) async throws -> PostgresRows {
    try await withTaskCancellationHandler {
      try await runUncancelled(request)
    } onCancel: {
      request.cancel()
    }
  }

  /// Runs a request to its end, whether or not its task is cancelled.
  nonisolated(nonsending) func runUncancelled(_ request: Request) async throws -> PostgresRows {
    try await withUnsafeThrowingContinuation { continuation in
      guard request.arm(continuation) else { return }
      if let error = submit(request) { request.finish(.failure(error)) }
    }
  }

  /// Hands a request to the poller. Returns why it is refused; its caller has no answer then.
  func submit(_ request: Request) -> PostgresError? {
    var mustWake = false
    let error: PostgresError? = state.withLock { state in
      var isRefused = state.isClosed
      var mayBeTooMany = true
      switch request.kind {
      case .read, .write, .alone, .open: isRefused = state.isClosing
      case .statement, .script: break
      // There is one for each accepted transaction. It is never refused, or the connection would stay taken.
      case .finish: mayBeTooMany = false
      // There is one for each consumer. Neither waits for an answer.
      case .listen:
        isRefused = state.isClosing
        mayBeTooMany = false
      case .unlisten: mayBeTooMany = false
      }
      if isRefused { return .databaseClosed }
      if mayBeTooMany, pending.load(ordering: .relaxed) >= limit {
        return PostgresError(.overloaded, "\(limit) statements are pending already: try again later")
      }
      pending.add(1, ordering: .relaxed)
      state.requests.append(request)
      mustWake = state.pollerSleeps
      state.pollerSleeps = false
      return nil
    }
    if mustWake { wake() }
    return error
  }

  /// Asks the poller to end. The continuation is resumed when it has.
  func close(whenClosed continuation: CheckedContinuation<Void, Never>?) {
    let isClosed = state.withLock { state in
      state.isClosing = true
      state.pollerSleeps = false
      if !state.isClosed, let continuation { state.whenClosed.append(continuation) }
      return state.isClosed
    }
    if isClosed { continuation?.resume() } else { wake() }
  }

  private func wake() {
    // Fails only when the counter is full, and then the poller is waking up anyway.
    _ = eventfd_write(eventDescriptor, 1)
  }

  // For the poller's thread.

  /// Counts an accepted request as answered. Its caller may send the next one immediately.
  func noteAnswer() {
    pending.subtract(1, ordering: .relaxed)
  }

  /// Prepares for waiting in epoll. Returns `false` when something has arrived.
  func prepareToSleep(closing: Bool) -> Bool {
    state.withLock { state in
      guard state.requests.isEmpty, state.isClosing == closing else { return false }
      state.pollerSleeps = true
      return true
    }
  }

  /// Moves the requests into an empty array. Returns whether the database is closing.
  func take(into requests: inout [Request]) -> Bool {
    state.withLock { state in
      state.pollerSleeps = false
      swap(&state.requests, &requests)
      return state.isClosing
    }
  }

  /// Ends the inbox: nothing is accepted from now on. Returns the requests that came too late.
  func closed() -> [Request] {
    let (late, waiting) = state.withLock { state in
      state.isClosing = true
      state.isClosed = true
      defer {
        state.requests = []
        state.whenClosed = []
      }
      return (state.requests, state.whenClosed)
    }
    for continuation in waiting { continuation.resume() }
    return late
  }
}
