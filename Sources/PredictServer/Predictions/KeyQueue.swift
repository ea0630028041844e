import ServiceKit
import Synchronization

/// Lets the calls with one idempotency key run one after another in this process.
///
/// The database decides between replicas; here the second caller waits without holding a connection, and draws nothing.
package final class KeyQueue: Sendable {
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
  /// A gate for each key in use, and how many calls use it.
  private let gates = Mutex<[Key: (gate: Turnstile, users: Int)]>([:])

  /// - Parameter waiterLimit: how many calls wait for one key at a time.
  package init(waiterLimit: Int = 1_000) {
    self.waiterLimit = waiterLimit
  }

  /// Waits for the key and runs `body`.
  ///
  /// - Throws: `ServiceError` with `engineBusy` when too many wait already; `CancellationError`; `body`'s errors.
  nonisolated(nonsending) package func withKey<Result>(
    _ key: Key, _ body: () async throws -> Result
  ) async throws -> Result {
    let gate = gates.withLock { gates in
      let entry = gates[key] ?? (Turnstile(limit: 1, queueLimit: waiterLimit), 0)
      gates[key] = (entry.gate, entry.users + 1)
      return entry.gate
    }
    defer {
      gates.withLock { gates in
        guard let entry = gates[key] else { return }
        gates[key] = entry.users > 1 ? (entry.gate, entry.users - 1) : nil
      }
    }
    return try await gate.withPlace(body)
  }

  /// How many keys are in use.
  package var keyCount: Int { gates.withLock { $0.count } }
}
