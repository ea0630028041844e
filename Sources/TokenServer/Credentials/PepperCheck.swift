package import ServiceKit
import ServiceLifecycle
import Synchronization

/// Ends the process when it lacks a pepper that stored hashes are keyed with: see ``TokenStore/requirePeppers()``.
///
/// A database that does not answer yet is asked again, and until it has answered no credential is looked up.
package final class PepperCheck: Service {
  private static let interval = Duration.milliseconds(500)

  private let store: TokenStore
  private let startLimit: Duration
  private let lastFault = Mutex<(any Error)?>(nil)

  /// Creates the check of this store.
  ///
  /// - Parameter startLimit: How long the process's start waits for the database.
  package init(of store: TokenStore, startLimit: Duration = .seconds(1)) {
    self.store = store
    self.startLimit = startLimit
  }

  /// Checks before anything is served, if the database answers.
  ///
  /// - Throws: ``SettingError`` when a pepper is missing.
  package func begin() async throws(SettingError) {
    do {
      try await withTimeLimit(startLimit) { [self] in try await store.requirePeppers() }
    } catch let error as SettingError {
      throw error
    } catch {
      lastFault.withLock { $0 = error }
    }
  }

  /// Checks again and again until the database has answered.
  ///
  /// - Throws: ``SettingError`` when a pepper is missing.
  package func run() async throws {
    try await cancelWhenGracefulShutdown {
      while !self.store.hasPeppers.value, !Task.isCancelled {
        do {
          try await self.store.requirePeppers()
        } catch let error as SettingError {
          throw error
        } catch {
          self.lastFault.withLock { $0 = error }
          try? await pause(for: Self.interval)
        }
      }
    }
    // The process goes on when a part of it has nothing left to do.
    try? await gracefulShutdown()
  }

  /// Makes sure that the check is done, for the process's health.
  ///
  /// - Throws: ``ServiceError`` `unavailable`.
  package func requireDone() throws(ServiceError) {
    guard store.hasPeppers.value else {
      throw ServiceError(
        .unavailable, "The peppers of the stored credentials were not compared with the settings yet.",
        cause: lastFault.withLock(\.self))
    }
  }
}
