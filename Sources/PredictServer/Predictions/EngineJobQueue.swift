import Dispatch
import Foundation
import Synchronization

/// The jobs that the engine's threads take, first come, first served.
///
/// Kept apart from the executor, so that threads that wait do not keep the executor alive.
final class EngineJobQueue: Sendable {
  struct Item: Sendable {
    let job: UnownedJob
    /// Alive as long as the job: the job's task prefers it.
    let executor: UnownedTaskExecutor
  }

  /// The engine works on small arrays and recurses nowhere; this is the usual size of a main thread's stack.
  private static let stackSize = 8 << 20
  private let items = Mutex<[Item]>([])
  /// Counts the items, and one more once the queue is stopped.
  private let available = DispatchSemaphore(value: 0)

  func startThread(_ number: Int) {
    let thread = Thread { [self] in
      while let item = next() { item.job.runSynchronously(on: item.executor) }
    }
    thread.name = "engine-\(number)"
    thread.stackSize = Self.stackSize
    thread.start()
  }

  func append(_ item: Item) {
    items.withLock { $0.append(item) }
    available.signal()
  }

  /// Lets every thread end once the queue is empty.
  func stop() {
    available.signal()
  }

  /// Blocks the calling thread until there is an item. Nil: the thread is to end.
  private func next() -> Item? {
    available.wait()
    if let item = items.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return item }
    // Stopped: the next thread is to end as well.
    available.signal()
    return nil
  }
}
