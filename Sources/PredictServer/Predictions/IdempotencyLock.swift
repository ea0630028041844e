import ServiceKit

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

  private let limiter: FairLimiter<Key>

  /// - Parameter waiterLimit: The most calls that wait for one key at a time; ten times as many for all.
  package init(waiterLimit: Int = 1_000) {
    limiter = FairLimiter(
      "idempotency_keys", units: .max, allowance: .one, queueLimit: 10 * waiterLimit, clientLimit: waiterLimit,
      refusal: ServiceError(.engineBusy, retryAfter: .seconds(1)))
  }

  /// Waits for the key and runs `body`.
  ///
  /// - Throws: `ServiceError` with `engineBusy` when too many wait already; `CancellationError`; `body`'s errors.
  nonisolated(nonsending) package func withKey<Result>(
    _ key: Key, _ body: () async throws -> Result
  ) async throws -> Result {
    // Keys come and go: none of them is to be remembered for what it has had.
    try await limiter.run(for: key, cost: 0, body)
  }

  /// The number of keys in use.
  package var keyCount: Int { limiter.occupancy.held }
}
