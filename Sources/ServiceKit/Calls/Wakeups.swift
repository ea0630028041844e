import GRPCNghttp2Transport

/// How a task that works in rounds waits for the next one: until others wake it, or a while has passed.
///
/// Waking is never lost: a task that is not waiting finds it when it does. Many wakings between two waits are one.
package struct Wakeups: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  package init() {
    (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Wakes the task.
  package func wake() {
    continuation.yield()
  }

  /// Wakes the task for good: it is to end.
  package func end() {
    continuation.finish()
  }

  /// Waits until woken, at most for `duration`. One task waits at a time.
  ///
  /// - Returns: Whether there is a next round: not after ``end()``, nor in a task that is cancelled.
  package func wait(atMost duration: Duration) async -> Bool {
    let timer = Timers.shared.set(after: duration) { [continuation] in continuation.yield() }
    defer { timer.cancel() }
    var iterator = stream.makeAsyncIterator()
    return await iterator.next() != nil
  }
}
