import Crypto

/// SHA-256 of a secret: what travels between the verifier and the token service in the secret's place.
///
/// A fast hash is enough: a secret holds 256 random bits, so there is nothing to guess. It needs no memory besides its
/// own 32 bytes.
package struct SecretHash: Sendable, Redacted {
  /// How many bytes a hash has.
  package static let byteCount = 32

  /// The 32 bytes in the order of the machine's memory.
  let words: (UInt64, UInt64, UInt64, UInt64)

  /// Hashes a secret, its prefix and check digits included.
  package init(_ secret: Secret) {
    self.init(of: secret.revealed.utf8.span)
  }

  /// Hashes the text of a secret.
  package init(of text: Span<UInt8>) {
    var function = SHA256()
    text.withUnsafeBytes { function.update(bufferPointer: $0) }
    words = function.finalize().withUnsafeBytes { $0.loadUnaligned(as: Words.self) }
  }

  /// Takes a hash that was received. `nil` unless it is 32 bytes long.
  package init?(bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    guard bytes.count == Self.byteCount else { return nil }
    words = bytes.withUnsafeBytes { $0.loadUnaligned(as: Words.self) }
  }

  /// The 32 bytes of the hash.
  package var bytes: [UInt8] {
    withUnsafeBytes(of: words) { Array($0) }
  }

  private typealias Words = (UInt64, UInt64, UInt64, UInt64)
}

extension SecretHash: Hashable {
  /// Whether both are the same hash, in a time that does not depend on where they differ.
  package static func == (one: Self, other: Self) -> Bool {
    ConstantTime.areEqual(one.words, other.words)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
    hasher.combine(words.3)
  }
}
