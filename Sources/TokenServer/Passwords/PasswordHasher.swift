import NIOCore
package import ServiceKit

/// Hashes and checks passwords, in turns between clients.
///
/// A hash holds a core and much memory for some tenths of a second: on the cooperative pool it would stop every other
/// call, and without a bound a flood of sign-ins would take the machine's memory.
package struct PasswordHasher: Sendable {
  /// Half of the cores, which leaves the other half to all else, and at most two: 256 MiB at the standard cost.
  private static let standardThreads = max(1, min(2, System.coreCount / 2))
  /// More than the attempts that one e-mail address has free, so that who mistypes reads of that limit first.
  private static let standardClientLimit = 16

  private let parameters: ScryptParameters
  private let threads: HashingThreads
  private let dummy: PasswordHash

  /// Creates a hasher.
  ///
  /// - Parameters:
  ///   - parameters: The cost of new hashes.
  ///   - threads: Where passwords are hashed; `nil` for threads of its own.
  package init(parameters: ScryptParameters = .standard, threads: HashingThreads? = nil) {
    self.parameters = parameters
    self.threads =
      threads
      ?? HashingThreads(count: Self.standardThreads, queueLimit: 64, clientLimit: Self.standardClientLimit)
    dummy = PasswordHash(
      parameters: parameters, salt: PasswordHash.randomSalt(),
      key: [UInt8](repeating: 0, count: PasswordHash.keyLength))
  }

  /// Hashes a new password with a fresh salt.
  ///
  /// - Parameter purpose: Among whom it takes its turn: who has an account does not wait for those who sign up.
  /// - Throws: ``ServiceError`` `rateLimited` when too many wait for the same purpose, of this client or in all.
  package func hash(
    _ password: Password, as purpose: HashingPurpose, for client: ClientAddress?
  ) async throws -> PasswordHash {
    try await threads.run(for: purpose, of: client) { [parameters] in
      try PasswordHash(of: password, salt: PasswordHash.randomSalt(), parameters: parameters)
    }
  }

  /// Whether `password` belongs to `hash`. Without a hash the answer is `false` and takes the same time, so that it
  /// does not tell which addresses have an account.
  ///
  /// - Throws: ``ServiceError`` `rateLimited` when too many sign-ins wait, of this client or in all.
  package func verify(
    _ password: Password, against hash: PasswordHash?, for client: ClientAddress?
  ) async throws -> Bool {
    let compared = hash ?? dummy
    let matches = try await threads.run(for: .signIn, of: client) { try compared.isHash(of: password) }
    return matches && hash != nil
  }
}
