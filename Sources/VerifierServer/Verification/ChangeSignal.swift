import GRPCNghttp2Transport
import Synchronization

/// Wakes the tasks that wait for something to change.
///
/// Whoever waits reads ``version`` first, then looks at what it waits for, and then waits beyond that version: so no
/// change is missed. As many wait at a time as the server takes calls.
final class ChangeSignal: Sendable {
  private struct State {
    var version: UInt64 = 0
    var waiters: [ObjectIdentifier: Waiter<Bool>] = [:]
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
    let waiter = Waiter<Bool>()
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
}
