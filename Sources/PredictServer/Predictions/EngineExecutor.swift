internal import Dispatch

/// Runs the engine's work on threads of its own, so that it never holds up the cooperative pool that answers calls.
///
/// It runs what it is given: `EnginePool` bounds how much that is.
final class EngineExecutor: TaskExecutor {
  private let queue = DispatchQueue(label: "temporis.engine", qos: .userInitiated, attributes: .concurrent)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
