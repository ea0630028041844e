import GRPCNghttp2Transport
import Synchronization

/// Wakes the tasks that wait for something to change.
///
/// Whoever waits reads ``version`` first, then looks at what it waits for, and then waits beyond that version: so no
/// change is missed. As many wait at a time as the server takes calls.
final class ChangeSignal: Sendable {
  private struct State {
    var version: UInt64 = 0
    var waiters: [ObjectIdentifier: Waiter] = [:]
  }

  private let state = Mutex(State())

  /// How many changes there were.
  var version: UInt64 { state.withLock { $0.version } }

  /// Says that there was a change.
  func notify() {
    let waiters = state.withLock { state in
      state.version &+= 1
      defer { state.waiters = [:] }
      return state.waiters
    }
    for waiter in waiters.values { waiter.finish(.success(true)) }
  }

  /// Waits until there was a change since `version`.
  ///
  /// - Returns: Whether there was one before `deadline`.
  /// - Throws: `CancellationError` as soon as the task is cancelled.
  func wait(beyond version: UInt64, until deadline: ContinuousClock.Instant) async throws -> Bool {
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .zero else { return self.version != version }
    let waiter = Waiter()
    let isWaiting = state.withLock { state in
      guard state.version == version else { return false }
      state.waiters[ObjectIdentifier(waiter)] = waiter
      return true
    }
    guard isWaiting else { return true }
    let timer = Timers.shared.set(after: left) { waiter.finish(.success(false)) }
    defer {
      timer.cancel()
      state.withLock { _ = $0.waiters.removeValue(forKey: ObjectIdentifier(waiter)) }
    }
    return try await waiter.wait()
  }

  /// One task that waits, which whatever comes first ends, even before it waits.
  private final class Waiter: Sendable {
    private enum State {
      case new
      case waiting(CheckedContinuation<Bool, any Error>)
      case ended(Result<Bool, any Error>)
    }

    private let state = Mutex(State.new)

    func wait() async throws -> Bool {
      try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
          let result: Result<Bool, any Error>? = state.withLock { state in
            if case .ended(let result) = state { return result }
            state = .waiting(continuation)
            return nil
          }
          if let result { continuation.resume(with: result) }
        }
      } onCancel: {
        finish(.failure(CancellationError()))
      }
    }

    func finish(_ result: Result<Bool, any Error>) {
      let continuation: CheckedContinuation<Bool, any Error>? = state.withLock { state in
        defer { if case .ended = state {} else { state = .ended(result) } }
        if case .waiting(let continuation) = state { return continuation }
        return nil
      }
      continuation?.resume(with: result)
    }
  }
}
