/// What a verifier has looked up, by the hash of the secret: bounded, and one of several that share the load.
///
/// It judges nothing. What enters has been judged by ``VerifierRegistration``, and what a revision names leaves before
/// the revision is acknowledged.
///
/// Unknown secrets have a bound of their own, so that a flood of them drives no known one out. They are forgotten after
/// a while although an unknown secret never becomes known: no revision could name one that was cached by mistake.
package struct CredentialCache: Sendable {
  /// What is known of a secret.
  package enum Finding: Sendable, Hashable {
    /// It is this credential's.
    case known(CachedCredential)
    /// It is no credential's.
    case unknown
    /// Nothing.
    case nothing
  }

  private struct Known: SecondChanceEntry {
    let hash: SecretHash
    var credential: CachedCredential
    var isReferenced = false
  }

  private struct Unknown: SecondChanceEntry {
    let hash: SecretHash
    let end: ClockTicks
    var isReferenced = false
  }

  private let seed: IndexSeed
  private var known: SecondChanceTable<Known>
  private var unknown: SecondChanceTable<Unknown>
  /// The known ones by their credential: two secrets of one credential are cached while it is rotated.
  private var byCredential: HashIndex

  /// Makes an empty cache.
  ///
  /// - Parameters:
  ///   - capacity: The most secrets of credentials, at least 1.
  ///   - unknownCapacity: The most unknown secrets, at least 1.
  ///   - seed: The process's own.
  package init(capacity: Int, unknownCapacity: Int, seed: IndexSeed) {
    self.seed = seed
    known = SecondChanceTable(capacity: capacity, seed: seed)
    unknown = SecondChanceTable(capacity: unknownCapacity, seed: seed)
    byCredential = HashIndex(capacity: max(capacity, 1))
  }

  /// The number of secrets of credentials.
  package var count: Int { known.count }
  /// The number of unknown secrets.
  package var unknownCount: Int { unknown.count }

  /// What is known of a secret at `now`. Whether a credential that was found works is for its reader to say.
  package mutating func find(_ hash: SecretHash, at now: ClockTicks) -> Finding {
    if let entry = known.find(hash) { return .known(entry.credential) }
    guard let entry = unknown.find(hash), now < entry.end else { return .nothing }
    return .unknown
  }

  /// Keeps a credential, in place of what was known of its secret.
  package mutating func insert(_ credential: CachedCredential, for hash: SecretHash) {
    removeUnknown(hash)
    removeKnown(hash)
    let (number, evicted) = known.insert(Known(hash: hash, credential: credential))
    if let evicted { byCredential.remove(number, hash: seed.place(of: evicted.credential.credentialID)) }
    byCredential.insert(number, hash: seed.place(of: credential.credentialID))
  }

  /// Keeps until `end` that a secret is unknown, in place of what was known of it.
  package mutating func insertUnknown(_ hash: SecretHash, until end: ClockTicks) {
    removeKnown(hash)
    removeUnknown(hash)
    _ = unknown.insert(Unknown(hash: hash, end: end))
  }

  /// Forgets what a revision is about.
  package mutating func forget(_ subject: Revocation.Subject) {
    switch subject {
    case .credential(let id):
      if let id = InlineText(id) { forgetCredential(id) }
    case .account(let id):
      if let id = InlineText(id) { forgetAccount(id) }
    case .everything: removeAll()
    case .nothing: break
    }
  }

  /// Forgets everything.
  package mutating func removeAll() {
    known.removeAll()
    unknown.removeAll()
    byCredential.removeAll()
  }

  private mutating func forgetCredential(_ id: InlineText) {
    let place = seed.place(of: id)
    while let number = byCredential.first(place, where: { known.entries[$0]?.credential.credentialID == id }) {
      remove(number)
    }
  }

  /// Looks at all entries: an account's revision is rare, and a second index for it would cost every entry memory.
  private mutating func forgetAccount(_ id: InlineText) {
    for number in known.entries.indices where known.entries[number]?.credential.accountID == id {
      remove(number)
    }
  }

  private mutating func removeKnown(_ hash: SecretHash) {
    if let number = known.number(of: hash) { remove(number) }
  }

  private mutating func removeUnknown(_ hash: SecretHash) {
    if let number = unknown.number(of: hash) { unknown.remove(number) }
  }

  private mutating func remove(_ number: Int) {
    guard let entry = known.remove(number) else { return }
    byCredential.remove(number, hash: seed.place(of: entry.credential.credentialID))
  }
}
