import Crypto

/// A secret key of the token service that keys every stored hash. It has a version so that it can be replaced.
package struct Pepper: Sendable, Redacted {
  /// How many bytes a pepper has.
  package static let byteCount = 32

  /// The version, at least 1, which is stored beside each hash.
  package let version: Int32
  private let key: SymmetricKey

  /// Makes a pepper. `nil` unless the version is at least 1 and the key is 32 bytes long, which are not all zero, as a
  /// placeholder's are.
  package init?(version: Int32, key: [UInt8]) {
    guard version >= 1, key.count == Self.byteCount, key.contains(where: { $0 != 0 }) else { return nil }
    self.version = version
    self.key = SymmetricKey(data: key)
  }

  /// HMAC-SHA256 (RFC 2104) of the hash of a secret under this pepper.
  package func keyedHash(of hash: SecretHash) -> KeyedHash {
    KeyedHash(
      bytes: Array(HMAC<SHA256>.authenticationCode(for: hash.bytes, using: key)),
      pepperVersion: version)
  }
}
