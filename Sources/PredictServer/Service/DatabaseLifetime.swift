internal import Postgres
internal import ServiceLifecycle

/// Closes a database when the process stops.
struct DatabaseLifetime: Service {
  let database: Database

  func run() async throws {
    try? await gracefulShutdown()
    await database.close()
  }
}
