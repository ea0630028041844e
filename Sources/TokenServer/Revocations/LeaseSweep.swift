import Logging
import Postgres
import ServiceKit
import Synchronization
import TokenDomain

/// Removes the leases of verifiers that are gone, which nothing would remove before the next change waits for them.
///
/// No lease has a time at which it ends: no rule compares two machines' clocks. So what removes one is what a change
/// does, driven by the same ``RevocationBarrier``: an entry of the log, about nothing; a moment in which verifiers
/// apply it; a floor that keeps those which have not from renewing; and after the longest of their leases the end of
/// the rows that still lag. A verifier that lives notices no more of it than of any other change.
///
/// It does that only when a lease was not renewed from one round to the next. That is a hint, and nothing rests on it:
/// a verifier that is only slow acknowledges the entry.
package final class LeaseSweep: Sendable {
  /// The time between two rounds: longer than any lease.
  static let interval = Duration.seconds(10)
  /// The most leases that are looked at: more than are registered, but for those of an earlier version.
  private static let limit = 2 * RevocationStore.leaseLimit

  private let store: RevocationStore
  private let signal: RevocationSignal
  private let logger: Logger
  /// What the leases looked like in the last round.
  private let versions = Mutex<[VerifierSessionID: String]>([:])

  init(store: RevocationStore, signal: RevocationSignal, logger: Logger) {
    self.store = store
    self.signal = signal
    self.logger = logger
  }

  /// Removes leases if one was not renewed since the last round.
  package func runRound() async throws {
    let current = try await store.leaseVersions(limit: Self.limit)
    let isSuspicious = versions.withLock { versions in
      defer { versions = current }
      return current.contains { versions[$0.key] == $0.value }
    }
    if isSuspicious { _ = try await removeDeadLeases() }
  }

  /// Removes the leases whose verifiers do not acknowledge an entry of the log before they run out.
  ///
  /// A task that is cancelled leaves at any step, which harms nobody: a floor holds no verifier back that has applied
  /// the log.
  ///
  /// - Parameter limit: How many leases a statement takes.
  /// - Returns: How many there were.
  @discardableResult
  package func removeDeadLeases(limit: Int = 1_000) async throws -> Int {
    let position = try await store.database.transaction(synchronousCommit: .on) { transaction in
      try await store.append([.nothing], in: transaction)
    }
    var barrier = RevocationBarrier(for: position, at: .now)
    signal.wake()
    var removed = 0
    while true {
      switch barrier.step(at: .now) {
      case .count:
        // Nobody waits for the answer: when the time comes, the statements see who lags.
        try await pause(for: max(.zero, ContinuousClock.now.duration(to: barrier.deadline)))
      case .raiseFloor:
        let longest = try await raiseFloors(to: position, limit: limit)
        barrier.raisedFloor(longestLease: longest, at: .now)
      case .removeLeases:
        removed = try await removeLeases(behind: position, limit: limit)
        barrier.removedLeases()
      case .answer:
        if removed > 0 {
          logger.warning("Removed the leases of verifiers that are gone", metadata: ["verifiers": "\(removed)"])
        }
        return removed
      }
    }
  }

  /// Keeps all leases that lag from being extended; `nil` when there is none.
  private func raiseFloors(to position: LogPosition, limit: Int) async throws -> Duration? {
    var last: VerifierSessionID?
    var longest: Duration?
    while let page = try await store.raiseFloor(to: position, after: last, limit: limit) {
      last = page.last
      longest = max(longest ?? .zero, page.longestLease)
    }
    if longest != nil {
      // The last page wrote nothing. What it has seen, acknowledgements included, must not be undone by a crash.
      _ = try await store.database.transaction(synchronousCommit: .on) { try await store.end(in: $0) }
    }
    return longest
  }

  /// Removes all leases that lag. Each was kept from being extended before: one that came later does not lag.
  private func removeLeases(behind position: LogPosition, limit: Int) async throws -> Int {
    var last: VerifierSessionID?
    var removed = 0
    while let page = try await store.removeLeases(behind: position, after: last, limit: limit) {
      last = page.last
      removed += page.removed
    }
    return removed
  }
}
