import NIOCore
import Synchronization

/// The memory of the long bodies that the process holds, from their first bytes until they are answered.
///
/// A request that finds no room waits in FIFO order. Its connection is not read meanwhile. A wait is never longer than
/// those before it take, whose time is bounded.
final class BodyMemory: Sendable {
  private struct Waiter {
    let length: Int
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var free: Int
    var waiters = CircularBuffer<Waiter>()

    mutating func take(_ length: Int) -> Bool {
      guard free >= length else { return false }
      free -= length
      return true
    }

    /// Gives the first in line what they wait for.
    mutating func admit() -> [Waiter] {
      var admitted: [Waiter] = []
      while let first = waiters.first, take(first.length) { admitted.append(waiters.removeFirst()) }
      return admitted
    }
  }

  private let total: Int
  private let state: Mutex<State>

  /// Creates room for `total` bytes.
  init(total: Int) {
    self.total = total
    state = Mutex(State(free: total))
  }

  /// Takes room for a body, and waits for it.
  /// - Returns: The number of bytes to give back: `length`, or all there are when they are fewer.
  func take(_ length: Int) async -> Int {
    let length = min(length, total)
    await withCheckedContinuation { continuation in
      let isTaken = state.withLock { state in
        if state.waiters.isEmpty, state.take(length) { return true }
        state.waiters.append(Waiter(length: length, continuation: continuation))
        return false
      }
      if isTaken { continuation.resume() }
    }
    return length
  }

  /// Gives room back.
  func giveBack(_ length: Int) {
    let admitted = state.withLock { state in
      state.free += length
      return state.admit()
    }
    for waiter in admitted { waiter.continuation.resume() }
  }
}
