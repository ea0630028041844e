import CryptoExtras
import FoundationEssentials
import TokenDomain

/// A password of 8 to 256 bytes in its normal form. Nothing is asked of its characters: length is what helps
/// (NIST SP 800-63B, 3.1.1.2).
///
/// The normal form is that of OpaqueString (RFC 8265, section 4.2.2): every space character is an ASCII space, and the
/// text is in Unicode's form C, so that a password is the same whichever keyboard or system it was typed on. Width and
/// case stay as they are.
package struct Password: Sendable, Redacted {
  private static let limits = 8...256

  /// The normal form in UTF-8.
  let bytes: [UInt8]

  /// Checks a password; `nil` when its normal form is too short or too long.
  package init?(_ text: String) {
    // No text is longer than three times its normal form in UTF-8: longer ones are not worth the work.
    guard text.utf8.count <= 3 * Self.limits.upperBound else { return nil }
    let spaced = String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .spaceSeparator ? " " : $0 }))
    let bytes = Array(spaced.precomposed.utf8)
    guard Self.limits.contains(bytes.count) else { return nil }
    self.bytes = bytes
  }
}

/// The cost of a password's hash (RFC 7914): stored beside each hash, so that later hashes can cost more.
package struct ScryptParameters: Sendable, Hashable {
  /// log2 of the cost N: one hash takes 128 · N · r bytes.
  package let costExponent: Int
  /// The block size r.
  package let blockSize: Int
  /// The parallelism p.
  package let parallelism: Int

  /// Sets the cost of a hash.
  package init(costExponent: Int, blockSize: Int, parallelism: Int) {
    self.costExponent = costExponent
    self.blockSize = blockSize
    self.parallelism = parallelism
  }

  /// N = 2^17, r = 8, p = 1: 128 MiB and some tenths of a second, the first choice of OWASP's Password Storage Cheat
  /// Sheet.
  package static let standard = ScryptParameters(costExponent: 17, blockSize: 8, parallelism: 1)
}

/// The stored form of a password: its scrypt hash, with the salt and the cost that it was made with.
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
