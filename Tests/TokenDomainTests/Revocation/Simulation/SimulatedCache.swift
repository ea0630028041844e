import TokenDomain

/// A verifier's cache: shards, each with its own lock, so that what names an entry leaves it shard by shard.
struct SimulatedCache {
  /// What was looked up of a credential.
  struct Entry {
    /// Whether it is accepted.
    let isActive: Bool
    /// `nil` of an unknown one.
    let identity: CredentialIdentity?
  }

  static let shardCount = 2
  private var shards = Array(
    repeating: [Entry?](repeating: nil, count: Subject.credentialCount), count: shardCount)

  /// Whether nothing is known.
  var isEmpty: Bool { shards.allSatisfy { $0.allSatisfy { $0 == nil } } }

  subscript(credential: Int) -> Entry? {
    get { shards[credential % Self.shardCount][credential] }
    set { shards[credential % Self.shardCount][credential] = newValue }
  }

  /// Forgets all that one shard holds.
  mutating func clear(shard: Int) {
    for credential in shards[shard].indices { shards[shard][credential] = nil }
  }

  /// Forgets what a revision names in one shard.
  mutating func forget(_ subject: Revocation.Subject, shard: Int) {
    for credential in shards[shard].indices {
      guard let identity = shards[shard][credential]?.identity else { continue }
      let isNamed =
        switch subject {
        case .credential(let id): id == identity.credentialID
        case .account(let id): id == identity.accountID
        case .everything: true
        case .nothing: false
        }
      if isNamed { shards[shard][credential] = nil }
    }
  }
}
