package import ServiceKit

/// Makes the process's health follow that of its database.
package struct DatabaseProbe: Sendable {
  private let store: TokenStore
  private let health: HealthMonitor

  /// Reports what the store says to the monitor.
  package init(store: TokenStore, health: HealthMonitor) {
    self.store = store
    self.health = health
  }

  /// Asks the database once.
  @Sendable package func look() async {
    health.set(failure: await store.failure())
  }
}
