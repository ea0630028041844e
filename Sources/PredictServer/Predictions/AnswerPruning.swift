import Logging
import ServiceKit
import ServiceLifecycle

/// Deletes answers that no idempotency key replays any more, now and then, until the process stops.
struct AnswerPruning: Service {
  private static let interval = Duration.seconds(600)
  let ledger: BillingLedger
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        do {
          while try await ledger.pruneAnswers() > 0 { try Task.checkCancellation() }
        } catch {
          // What is not deleted now is deleted the next time, and is not replayed in between.
          logger.debug("Old answers are still there", metadata: ["error": "\(error)"])
        }
        try? await pause(for: Self.interval)
      }
    }
  }
}
