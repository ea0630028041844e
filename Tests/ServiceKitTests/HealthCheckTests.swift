import InMemoryLogging
import Logging
import ServiceKit
import Synchronization
import Testing

/// How a process's health follows what its work depends on.
@Suite struct HealthCheckTests {
  private struct OutageError: Error, CustomStringConvertible {
    let description = "the database is gone"
  }

  @Test("A process takes calls while its check succeeds, and says in the log why it doesn't once it fails")
  func follows() async {
    let handler = InMemoryLogHandler()
    let health = HealthMonitor(isServing: false, logger: Logger(label: "test") { _ in handler })
    let failure = Mutex<OutageError?>(nil)
    let check = HealthCheck(of: health) {
      if let failure = failure.withLock({ $0 }) { throw failure }
    }
    await check.runOnce()
    #expect(health.isServing)
    failure.withLock { $0 = OutageError() }
    await check.runOnce()
    await check.runOnce()
    #expect(!health.isServing)
    #expect(handler.entries.filter { "\($0.metadata)".contains("the database is gone") }.count == 1)
    failure.withLock { $0 = nil }
    await check.runOnce()
    #expect(health.isServing)
  }

  @Test("A check that does not answer counts as failed", .timeLimit(.minutes(1))) func hangs() async {
    let health = HealthMonitor(isServing: true)
    let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
    await HealthCheck(of: health) {
      for await _ in stream {}
      try Task.checkCancellation()
    }.runOnce()
    withExtendedLifetime(continuation) {}
    #expect(!health.isServing)
  }
}
