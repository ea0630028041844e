import ServiceKit
import Synchronization

/// Makes the process's health follow that of its database.
final class DatabaseProbe: Sendable {
  private let store: TokenStore
  private let health: HealthMonitor
  private let wasUsable = Mutex(false)

  init(store: TokenStore, health: HealthMonitor) {
    self.store = store
    self.health = health
  }

  /// Asks the database once. Only a change is passed on: a process that drains stays out of service.
  @Sendable func look() async {
    let isUsable: Bool
    do {
      try await store.probe()
      isUsable = true
    } catch {
      isUsable = false
    }
    let isChange = wasUsable.withLock { wasUsable in
      defer { wasUsable = isUsable }
      return wasUsable != isUsable
    }
    if isChange { health.set(isServing: isUsable) }
  }
}
