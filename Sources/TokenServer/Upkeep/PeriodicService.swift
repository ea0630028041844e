import ServiceKit
import ServiceLifecycle

/// Does something again and again until the process drains, and once more then if asked to.
struct PeriodicService: Service {
  let interval: Duration
  /// Whether to do it a last time at the end.
  var runsAtEnd = false
  /// What is done. An error ends that round alone; the body logs what is worth it.
  let body: @Sendable () async throws -> Void

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        try? await body()
        try? await pause(for: interval)
      }
    }
    if runsAtEnd { try? await body() }
  }
}
