import ServiceKit
import Synchronization

/// Lets the calls with one idempotency key run one after another in this process.
///
/// The database decides between replicas; here the second caller waits without holding a connection, and draws nothing.
package final class IdempotencyLock: Sendable {
  /// An account's idempotency key.
  package struct Key: Hashable, Sendable {
    let accountID: String
    let idempotencyKey: String

    package init(accountID: String, idempotencyKey: String) {
      self.accountID = accountID
      self.idempotencyKey = idempotencyKey
    }
  }

  private let waiterLimit: Int
  /// A limiter for each key in use, and how many calls use it.
  private let limiters = Mutex<[Key: (limiter: ConcurrencyLimiter, users: Int)]>([:])

  /// - Parameter waiterLimit: The most calls that wait for one key at a time.
  package init(waiterLimit: Int = 1_000) {
    self.waiterLimit = waiterLimit
  }

  /// Waits for the key and runs `body`.
  ///
  /// - Throws: `ServiceError` with `engineBusy` when too many wait already; `CancellationError`; `body`'s errors.
  nonisolated(nonsending) package func withKey<Result>(
    _ key: Key, _ body: () async throws -> Result
  ) async throws -> Result {
    let limiter = limiters.withLock { limiters in
      let entry = limiters[key] ?? (ConcurrencyLimiter(limit: 1, queueLimit: waiterLimit), 0)
      limiters[key] = (entry.limiter, entry.users + 1)
      return entry.limiter
    }
    defer {
      limiters.withLock { limiters in
        guard let entry = limiters[key] else { return }
        limiters[key] = entry.users > 1 ? (entry.limiter, entry.users - 1) : nil
      }
    }
    return try await limiter.run(body)
  }

  /// The number of keys in use.
  package var keyCount: Int { limiters.withLock { $0.count } }
}
