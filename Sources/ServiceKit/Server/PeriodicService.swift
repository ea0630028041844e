package import Logging
import ServiceLifecycle

/// Does something again and again until the process drains, and once more then if asked to.
package struct PeriodicService: Service {
  private let interval: Duration
  private let runsAtEnd: Bool
  private let logger: Logger
  private let body: @Sendable () async throws -> Void

  /// Creates a service that runs `body`, waits for `interval`, and so on.
  ///
  /// - Parameters:
  ///   - interval: The time from the end of a round to the begin of the next.
  ///   - runsAtEnd: Whether `body` runs a last time when the process drains.
  ///   - logger: Where a round's error is logged, which ends that round alone.
  package init(
    interval: Duration, runsAtEnd: Bool = false, logger: Logger, body: @escaping @Sendable () async throws -> Void
  ) {
    self.interval = interval
    self.runsAtEnd = runsAtEnd
    self.logger = logger
    self.body = body
  }

  /// Runs the rounds.
  package func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await runRound()
        try? await pause(for: interval)
      }
    }
    if runsAtEnd { await runRound() }
  }

  private func runRound() async {
    do {
      try await body()
    } catch  where !Task.isCancelled {
      logger.warning("Maintenance failed and will be tried again", metadata: ["error": "\(error.causeChain)"])
    } catch {
      // The process drains, which ends what is going on.
    }
  }
}

/// Makes a process's health follow a check that runs once a second until the process drains.
package struct HealthCheck: Service {
  private static let interval = Duration.seconds(1)

  private let health: HealthMonitor
  private let check: @Sendable () async throws -> Void

  /// Creates a service that reports to `health`.
  ///
  /// - Parameter check: Throws why the process can't take calls, returns when it can. It fails, too, when it takes
  ///   longer than a second.
  package init(of health: HealthMonitor, check: @escaping @Sendable () async throws -> Void) {
    self.health = health
    self.check = check
  }

  /// Runs the check until the process drains.
  package func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await runOnce()
        try? await pause(for: Self.interval)
      }
    }
  }

  /// Runs the check and reports its outcome.
  package func runOnce() async {
    do {
      try await withTimeLimit(Self.interval, check)
      health.set(failure: nil)
    } catch  where !Task.isCancelled {
      health.set(failure: error)
    } catch {
      // The process drains: its health is decided.
    }
  }
}
