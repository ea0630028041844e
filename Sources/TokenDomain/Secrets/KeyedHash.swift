/// What is stored of a secret: HMAC-SHA256 of its ``SecretHash`` under one version of the pepper.
///
/// Without the pepper, which is in no database, a stolen table neither proves nor finds a secret.
package struct KeyedHash: Sendable, Redacted {
  /// The 32 bytes of the authentication code.
  package let bytes: [UInt8]
  /// The version of the pepper that keyed it.
  package let pepperVersion: Int32

  /// Takes a keyed hash as it was computed or stored.
  package init(bytes: [UInt8], pepperVersion: Int32) {
    self.bytes = bytes
    self.pepperVersion = pepperVersion
  }

  /// Whether both are the same hash under the same pepper, in a time that tells nothing about the bytes.
  package func matches(_ other: KeyedHash) -> Bool {
    pepperVersion == other.pepperVersion && ConstantTime.areEqual(bytes, other.bytes)
  }
}
