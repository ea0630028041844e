import Logging
import ServiceKit
import ServiceLifecycle

/// Does something again and again until the process drains, and once more then if asked to.
struct PeriodicService: Service {
  let interval: Duration
  /// Whether to do it a last time at the end.
  var runsAtEnd = false
  let logger: Logger
  /// What is done. An error ends that round alone, and is logged.
  let body: @Sendable () async throws -> Void

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await round()
        try? await pause(for: interval)
      }
    }
    if runsAtEnd { await round() }
  }

  private func round() async {
    do {
      try await body()
    } catch  where !Task.isCancelled {
      logger.warning("Maintenance failed and will be tried again", metadata: ["error": "\(error.causeChain)"])
    } catch {}
  }
}
