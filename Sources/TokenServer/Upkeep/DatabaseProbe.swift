import ServiceKit

/// Makes the process's health follow that of its database.
struct DatabaseProbe: Sendable {
  let store: TokenStore
  let health: HealthMonitor

  /// Asks the database once.
  @Sendable func look() async {
    do {
      try await store.probe()
      health.set(isServing: true)
    } catch {
      health.set(isServing: false)
    }
  }
}
