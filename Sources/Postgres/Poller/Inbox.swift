import CLibPQ
import Glibc
import Synchronization

/// The way from the callers' tasks to the poller: requests under a lock, and an eventfd that is written only while the
/// poller sleeps.
final class Inbox: Sendable {
  private struct State {
    var requests: [Request] = []
    var pollerSleeps = false
    var isClosing = false
    var isClosed = false
    var whenClosed: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  /// Accepted and not yet answered; rises under the lock only.
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

  /// Runs a request that its task's cancellation may drop.
  nonisolated(nonsending) func run(_ request: Request) async throws -> PostgresRows {
    try await withTaskCancellationHandler {
      try await runUncancelled(request)
    } onCancel: {
      request.cancel()
    }
  }

  /// Runs a request to its end.
  nonisolated(nonsending) func runUncancelled(_ request: Request) async throws -> PostgresRows {
    try await withUnsafeThrowingContinuation { continuation in
      guard request.arm(continuation) else { return }
      if let error = submit(request) { request.finish(.failure(error)) }
    }
  }

  private func submit(_ request: Request) -> PostgresError? {
    var mustWake = false
    let error: PostgresError? = state.withLock { state in
      var isRefused = state.isClosed
      var mayBeTooMany = true
      switch request.kind {
      case .single, .open: isRefused = state.isClosing
      case .statement, .script: break
      // One for each transaction that was let in: never refused, or its connection would stay taken.
      case .finish: mayBeTooMany = false
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

  /// Asks the poller to end; the continuation is resumed when it has.
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
    // Fails only when the counter is full, and then the poller is about to wake anyway.
    _ = eventfd_write(eventDescriptor, 1)
  }

  // The poller's side.

  /// One of those accepted is about to be answered: its caller may come back at once.
  func noteAnswer() {
    pending.subtract(1, ordering: .relaxed)
  }

  /// False when something arrived meanwhile.
  func prepareToSleep(closing: Bool) -> Bool {
    state.withLock { state in
      guard state.requests.isEmpty, state.isClosing == closing else { return false }
      state.pollerSleeps = true
      return true
    }
  }

  /// Moves the requests into an empty array; true when closing.
  func take(into requests: inout [Request]) -> Bool {
    state.withLock { state in
      state.pollerSleeps = false
      swap(&state.requests, &requests)
      return state.isClosing
    }
  }

  /// The poller ends: nothing is accepted from now on. Returns what came too late.
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
