import Testing
import TokenDomain

/// Random operations on a cache and on a dictionary that does the same without bounds.
@Suite struct CredentialCacheModelTests {
  private struct Model {
    enum Value {
      case known(id: Int, account: Int)
      case unknown
    }
    var values: [UInt64: Value] = [:]

    mutating func forget(where isMeant: (_ id: Int, _ account: Int) -> Bool) {
      for (secret, value) in values {
        if case .known(let id, let account) = value, isMeant(id, account) { values[secret] = nil }
      }
    }
  }

  /// Ids and accounts are few, so that many share them.
  private static let (secrets, ids, accounts) = (UInt64(400), 60, 8)

  private func name(_ kind: String, _ number: Int) -> String { "\(kind)_\(number)" }

  @Test(
    "A cache never tells more or other than was put in and not taken out, and all of it while there is room",
    arguments: [(1_000, 1_000), (50, 20), (7, 3), (1, 1)], 0..<12)
  func model(capacities: (Int, Int), seed: Int) throws {
    var generator = SimulationRandom(seed: UInt64(seed))
    var cache = TokenDomain.CredentialCache(
      capacity: capacities.0, unknownCapacity: capacities.1, seed: IndexSeed(using: &generator))
    var model = Model()
    let now = ClockTicks(.now)
    let isRoomy = capacities.0 > Int(Self.secrets)
    for _ in 0..<3_000 {
      let secret = UInt64.random(in: 0..<Self.secrets, using: &generator)
      switch Int.random(in: 0..<100, using: &generator) {
      case 0..<45:
        let id = Int.random(in: 0..<Self.ids, using: &generator)
        let credential = try #require(
          CachedCredential.test(name("tok", id), of: name("acct", id % Self.accounts)))
        cache.insert(credential, for: .test(secret))
        model.values[secret] = .known(id: id, account: id % Self.accounts)
      case 45..<60:
        cache.insertUnknown(.test(secret), until: .distantFuture)
        model.values[secret] = .unknown
      case 60..<70:
        let id = Int.random(in: 0..<Self.ids, using: &generator)
        cache.forget(.credential(name("tok", id)))
        model.forget { known, _ in known == id }
      case 70..<72:
        let account = Int.random(in: 0..<Self.accounts, using: &generator)
        cache.forget(.account(name("acct", account)))
        model.forget { _, known in known == account }
      case 72 where Int.random(in: 0..<10, using: &generator) == 0:
        cache.forget(.everything)
        model.values = [:]
      default:
        check(cache.find(.test(secret), at: now), secret, model, isRoomy)
      }
      #expect(cache.count <= capacities.0 && cache.unknownCount <= capacities.1)
    }
    var found = (known: 0, unknown: 0)
    for secret in 0..<Self.secrets {
      let finding = cache.find(.test(secret), at: now)
      check(finding, secret, model, isRoomy)
      if case .known = finding { found.known += 1 }
      if case .unknown = finding { found.unknown += 1 }
    }
    // Each entry that is counted can be found.
    #expect(found.known == cache.count && found.unknown == cache.unknownCount)
  }

  private func check(_ finding: TokenDomain.CredentialCache.Finding, _ secret: UInt64, _ model: Model, _ isRoomy: Bool)
  {
    switch (finding, model.values[secret]) {
    case (.known(let credential), .known(let id, let account)):
      #expect(credential.credentialID.string == name("tok", id))
      #expect(credential.accountID.string == name("acct", account))
    case (.unknown, .unknown), (.nothing, nil): break
    case (.nothing, _): #expect(!isRoomy, "what was kept is not found although there is room")
    default: Issue.record("found \(finding) instead of \(String(describing: model.values[secret]))")
    }
  }
}
