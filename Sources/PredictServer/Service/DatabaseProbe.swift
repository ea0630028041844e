import Postgres
import ServiceKit
import ServiceLifecycle

/// Makes the process's health follow that of its database, and closes the database when the process stops.
struct DatabaseProbe: Service {
  private static let interval = Duration.seconds(1)
  let database: Database
  let health: HealthMonitor

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        health.set(failure: await failure())
        try? await pause(for: Self.interval)
      }
    }
    await database.close()
  }

  /// Why the schema can't be read at once; nil when it can.
  private func failure() async -> (any Error)? {
    do {
      try await withTimeLimit(Self.interval) { [database] in
        try await database.probe("SELECT account_id FROM predict.data_source LIMIT 0")
      }
      return nil
    } catch {
      return error
    }
  }
}
