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
        health.set(isServing: await isUsable())
        try? await pause(for: Self.interval)
      }
    }
    await database.close()
  }

  /// Whether the schema can be read at once.
  private func isUsable() async -> Bool {
    let answer = try? await withTimeLimit(Self.interval) { [database] in
      await database.answers("SELECT account_id FROM predict.data_source LIMIT 0")
    }
    return answer ?? false
  }
}
