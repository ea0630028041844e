import CryptoExtras
import TokenDomain

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What is stored of a password: its scrypt hash, with the salt and the cost that it was made with.
package struct PasswordHash: Sendable, Redacted {
  static let keyLength = 32
  static let saltLength = 16

  /// The cost of the hash.
  package let parameters: ScryptParameters
  /// 16 random bytes.
  package let salt: [UInt8]
  /// The 32 bytes that scrypt derived.
  package let key: [UInt8]

  /// Takes a hash as it was stored.
  package init(parameters: ScryptParameters, salt: [UInt8], key: [UInt8]) {
    self.parameters = parameters
    self.salt = salt
    self.key = key
  }

  /// Hashes a password with a salt. Blocks for as long as `parameters` cost: never on the cooperative pool.
  package init(of password: Password, salt: [UInt8], parameters: ScryptParameters) throws {
    let derived = try KDF.Scrypt.deriveKey(
      from: password.bytes, salt: salt, outputByteCount: Self.keyLength, rounds: 1 << parameters.costExponent,
      blockSize: parameters.blockSize, parallelism: parameters.parallelism)
    self.init(parameters: parameters, salt: salt, key: derived.withUnsafeBytes(Array.init))
  }

  /// Whether this is the hash of `password`. Blocks like the hashing itself, and compares in constant time.
  package func isHash(of password: Password) throws -> Bool {
    let candidate = try PasswordHash(of: password, salt: salt, parameters: parameters)
    return ConstantTime.areEqual(candidate.key, key)
  }

  /// A fresh salt of the system's cryptographic generator.
  static func randomSalt() -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<saltLength).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }
}
