import TokenDomain

/// What a look-up found.
struct FoundCredential: Sendable {
  let credential: Credential
  /// Set when the hash is keyed with a retired pepper.
  let rekeying: Rekeying?
}

/// A stored hash that is to be replaced by the same secret's hash under the current pepper.
struct Rekeying: Sendable {
  let stale: KeyedHash
  let current: KeyedHash
}
