import Crypto

/// SHA-256 of a secret: what travels between the verifier and the token service in the secret's place.
///
/// A fast hash is enough: a secret holds 256 random bits, so there is nothing to guess.
package struct SecretHash: Sendable, Hashable, Redacted {
  /// How many bytes a hash has.
  package static let byteCount = 32

  /// The 32 bytes of the hash.
  package let bytes: [UInt8]

  /// Hashes a secret, its prefix and check digits included.
  package init(_ secret: Secret) {
    bytes = Array(SHA256.hash(data: Array(secret.revealed.utf8)))
  }

  /// Takes a hash that was received. `nil` unless it is 32 bytes long.
  package init?(bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }
}
