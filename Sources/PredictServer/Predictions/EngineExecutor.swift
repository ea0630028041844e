/// Runs the engine's work on threads of its own, so that it never holds up the cooperative pool that answers calls.
///
/// The threads end with it. It queues what it is given: `EnginePool` bounds how much that is.
final class EngineExecutor: TaskExecutor {
  private let queue: EngineJobQueue

  /// - Parameter threadCount: at least 1.
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
