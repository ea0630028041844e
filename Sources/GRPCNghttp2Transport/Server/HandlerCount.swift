import Synchronization

/// A number of handlers, counted from any thread.
final class HandlerCount: Sendable {
  private let count = Atomic<Int>(0)

  var value: Int { self.count.load(ordering: .relaxed) }

  func increment() {
    self.count.add(1, ordering: .relaxed)
  }

  func decrement() {
    self.count.subtract(1, ordering: .relaxed)
  }
}
