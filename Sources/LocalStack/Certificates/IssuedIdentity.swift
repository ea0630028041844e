/// What a workload proves who it is with.
package struct IssuedIdentity: Sendable, CustomStringConvertible {
  /// The certificate chain, PEM: the leaf alone, as the authority that peers know has signed it.
  package let certificate: String
  /// The certificate's key, PEM (PKCS #8).
  package let key: String

  /// Says nothing of the key.
  package var description: String { "IssuedIdentity" }
}
