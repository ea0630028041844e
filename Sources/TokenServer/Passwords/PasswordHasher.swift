import NIOPosix
import ServiceKit
import Synchronization

/// Hashes and checks passwords on a few threads of its own, with a bounded queue.
///
/// A hash holds a core and much memory for some tenths of a second: on the cooperative pool it would stop every other
/// call, and without a bound a flood of sign-ins would take the machine's memory.
package final class PasswordHasher: Sendable {
  private let parameters: ScryptParameters
  private let queueLimit: Int
  private let pool: NIOThreadPool
  private let pending = Mutex(0)
  private let dummy: PasswordHash

  /// Starts the threads; they end when the hasher is released.
  ///
  /// - Parameters:
  ///   - parameters: what new hashes cost.
  ///   - threads: how many hashes are computed at once.
  ///   - queueLimit: how many may be running and waiting together; more are refused.
  package init(parameters: ScryptParameters = .standard, threads: Int = 2, queueLimit: Int = 64) {
    self.parameters = parameters
    self.queueLimit = queueLimit
    pool = NIOThreadPool(numberOfThreads: threads)
    dummy = PasswordHash(
      parameters: parameters, salt: PasswordHash.randomSalt(),
      key: [UInt8](repeating: 0, count: PasswordHash.keyLength))
    pool.start()
  }

  deinit {
    pool.shutdownGracefully { _ in }
  }

  /// Hashes a new password with a fresh salt.
  ///
  /// - Throws: ``ServiceError`` `rateLimited` when the queue is full.
  package func hash(_ password: Password) async throws -> PasswordHash {
    try await run { [parameters] in
      try PasswordHash(of: password, salt: PasswordHash.randomSalt(), parameters: parameters)
    }
  }

  /// Whether `password` belongs to `hash`. Without a hash the answer is `false` and takes the same time, so that it
  /// does not tell which addresses have an account.
  ///
  /// - Throws: ``ServiceError`` `rateLimited` when the queue is full.
  package func verify(_ password: Password, against hash: PasswordHash?) async throws -> Bool {
    let compared = hash ?? dummy
    let matches = try await run { try compared.isHash(of: password) }
    return matches && hash != nil
  }

  private func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    let isAdmitted = pending.withLock { pending in
      guard pending < queueLimit else { return false }
      pending += 1
      return true
    }
    guard isAdmitted else { throw ServiceError(.rateLimited, retryAfter: .seconds(1)) }
    defer { pending.withLock { $0 -= 1 } }
    return try await pool.runIfActive(body)
  }
}
