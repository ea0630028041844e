import Dispatch
import Foundation
import ServiceKit
import Synchronization

/// Reads windows of rows and computes on them: bounded work, on the engine's own threads, of which each account gets as
/// much.
struct EnginePool: Sendable {
  /// About as many values are drawn in a microsecond.
  private static let valuesPerMicrosecond = 10.0

  /// Costs are microseconds of a thread.
  private let limiter: FairLimiter<String>
  private let executor: EngineExecutor

  /// - Parameters:
  ///   - concurrency: The most that are computed at a time, each on a thread; at least 1.
  ///   - queueLimit: The most that wait.
  init(concurrency: Int, queueLimit: Int) {
    limiter = FairLimiter(
      "engine", units: concurrency, queueLimit: queueLimit,
      refusal: ServiceError(.engineBusy, retryAfter: .seconds(1)))
    executor = EngineExecutor(threadCount: concurrency)
  }

  /// How many calls wait for their turn.
  var waitingCount: Int { limiter.occupancy.waiting }

  /// Loads input and computes on it.
  ///
  /// Both are limited, so that waiting calls hold no rows; only `compute` runs on the engine's threads. There
  /// the task's cancellation can be seen.
  /// - Parameters:
  ///   - accountID: Whose turn it is.
  ///   - values: The values that are read and made. Accounts get the same time, which these tell in advance: what it
  ///     takes besides is counted afterwards, as rows may be many for a value.
  /// - Throws: `engineBusy` when too many wait, of this account or in all; the closures' errors.
  func run<Input: Sendable, Output: Sendable>(
    for accountID: String, values: Int, load: () async throws -> Input,
    compute: @escaping @Sendable (Input) throws -> Output
  ) async throws -> Output {
    let cost = Double(max(1, values)) / Self.valuesPerMicrosecond
    return try await limiter.run(for: accountID, cost: cost) {
      let start = ContinuousClock.now
      defer { limiter.add(max(0, (.now - start) / .microseconds(1) - cost), to: accountID) }
      let input = try await load()
      return try await withTaskExecutorPreference(executor) {
        try await Self.perform(compute, on: input)
      }
    }
  }

  /// Async and not isolated, so that it runs where the task prefers to.
  @concurrent
  private static func perform<Input: Sendable, Output: Sendable>(
    _ compute: @Sendable (Input) throws -> Output, on input: Input
  ) async throws -> Output {
    try Task.checkCancellation()
    return try compute(input)
  }
}

/// Runs the engine's work on threads of its own, so that it never holds up the cooperative pool that answers calls.
///
/// The threads end with it. It queues what it is given: `EnginePool` bounds how much that is.
private final class EngineExecutor: TaskExecutor {
  private let queue: EngineJobQueue

  /// - Parameter threadCount: At least 1.
  init(threadCount: Int) {
    queue = EngineJobQueue()
    for number in 1...max(1, threadCount) { queue.startThread(number) }
  }

  deinit {
    queue.stop()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    queue.append(EngineJobQueue.Item(job: UnownedJob(job), executor: asUnownedTaskExecutor()))
  }
}

/// The jobs of the engine's threads, in FIFO order.
///
/// Kept apart from the executor, so that threads that wait do not keep the executor alive.
private final class EngineJobQueue: Sendable {
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

  /// Blocks the calling thread until there is an item. `nil`: the thread is to end.
  private func next() -> Item? {
    available.wait()
    if let item = items.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return item }
    // Stopped: the next thread is to end as well.
    available.signal()
    return nil
  }
}
