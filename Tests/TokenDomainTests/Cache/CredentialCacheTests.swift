import Testing
import TokenDomain

@Suite struct CredentialCacheTests {
  private let now = ContinuousClock.now
  private var ticks: ClockTicks { ClockTicks(now) }

  private func cache(_ capacity: Int = 100, unknown: Int = 100) -> TokenDomain.CredentialCache {
    TokenDomain.CredentialCache(capacity: capacity, unknownCapacity: unknown, seed: IndexSeed())
  }

  private func credential(_ id: String, of account: String = "acct_1") throws -> CachedCredential {
    try #require(.test(id, of: account, asked: now))
  }

  @Test("What was kept is found by its secret, and nothing by another")
  func finding() throws {
    var cache = cache()
    cache.insert(try credential("tok_1"), for: .test(1))
    cache.insertUnknown(.test(2), until: .distantFuture)
    #expect(cache.find(.test(1), at: ticks) == .known(try credential("tok_1")))
    #expect(cache.find(.test(2), at: ticks) == .unknown)
    #expect(cache.find(.test(3), at: ticks) == .nothing)
    #expect(cache.count == 1 && cache.unknownCount == 1)
  }

  @Test("What is kept last of a secret takes the place of what was known before")
  func replacement() throws {
    var cache = cache()
    cache.insert(try credential("tok_1"), for: .test(1))
    cache.insert(try credential("tok_2"), for: .test(1))
    #expect(cache.find(.test(1), at: ticks) == .known(try credential("tok_2")))
    cache.forget(.credential("tok_1"))
    #expect(cache.find(.test(1), at: ticks) == .known(try credential("tok_2")))
    cache.insertUnknown(.test(1), until: .distantFuture)
    #expect(cache.find(.test(1), at: ticks) == .unknown)
    cache.forget(.credential("tok_2"))
    #expect(cache.find(.test(1), at: ticks) == .unknown)
    cache.insert(try credential("tok_3"), for: .test(1))
    #expect(cache.find(.test(1), at: ticks) == .known(try credential("tok_3")))
    #expect(cache.count == 1 && cache.unknownCount == 0)
  }

  @Test("A revision of a credential takes all its secrets, and those of no other")
  func credentialRevision() throws {
    var cache = cache()
    cache.insert(try credential("tok_1"), for: .test(1))
    cache.insert(try credential("tok_1"), for: .test(2))
    cache.insert(try credential("tok_2"), for: .test(3))
    cache.forget(.credential("tok_1"))
    #expect(cache.find(.test(1), at: ticks) == .nothing)
    #expect(cache.find(.test(2), at: ticks) == .nothing)
    #expect(cache.find(.test(3), at: ticks) == .known(try credential("tok_2")))
  }

  @Test("A revision of an account takes all its credentials, and one of everything takes unknown secrets, too")
  func accountRevision() throws {
    var cache = cache()
    cache.insert(try credential("tok_1", of: "acct_1"), for: .test(1))
    cache.insert(try credential("tok_2", of: "acct_1"), for: .test(2))
    cache.insert(try credential("tok_3", of: "acct_2"), for: .test(3))
    cache.insertUnknown(.test(4), until: .distantFuture)
    cache.forget(.nothing)
    #expect(cache.count == 3 && cache.unknownCount == 1)
    cache.forget(.account("acct_1"))
    #expect(cache.count == 1)
    #expect(cache.find(.test(3), at: ticks) == .known(try credential("tok_3", of: "acct_2")))
    cache.forget(.everything)
    #expect(cache.count == 0 && cache.unknownCount == 0)
    #expect(cache.find(.test(3), at: ticks) == .nothing && cache.find(.test(4), at: ticks) == .nothing)
  }

  @Test("A secret is unknown until the end that was given, and then nothing is known of it")
  func unknownEnd() {
    var cache = cache()
    cache.insertUnknown(.test(1), until: ClockTicks(now + .seconds(60)))
    #expect(cache.find(.test(1), at: ClockTicks(now + .seconds(59))) == .unknown)
    #expect(cache.find(.test(1), at: ClockTicks(now + .seconds(60))) == .nothing)
  }

  @Test("A flood of unknown secrets drives no credential out, and one of credentials no unknown secret")
  func separateBounds() throws {
    var cache = cache(10, unknown: 10)
    for number in 0..<10 { cache.insert(try credential("tok_\(number)"), for: .test(UInt64(number))) }
    for number in 1_000..<2_000 { cache.insertUnknown(.test(UInt64(number)), until: .distantFuture) }
    #expect(cache.count == 10 && cache.unknownCount == 10)
    for number in 0..<10 { #expect(cache.find(.test(UInt64(number)), at: ticks) != .nothing) }
    for number in 2_000..<3_000 { cache.insert(try credential("tok_\(number)"), for: .test(UInt64(number))) }
    #expect(cache.count == 10 && cache.unknownCount == 10)
    #expect((1_990..<2_000).allSatisfy { cache.find(.test(UInt64($0)), at: ticks) == .unknown })
  }

  @Test("What is used stays while what is not makes room")
  func secondChance() throws {
    var cache = cache(100)
    for number in 0..<100 { cache.insert(try credential("tok_\(number)"), for: .test(UInt64(number))) }
    for number in 100..<10_000 {
      #expect(cache.find(.test(7), at: ticks) == .known(try credential("tok_7")))
      cache.insert(try credential("tok_\(number)"), for: .test(UInt64(number)))
    }
    #expect(cache.count == 100)
  }

  @Test("A cache of one holds the last")
  func one() throws {
    var cache = cache(0, unknown: 0)
    for number in 0..<10 {
      cache.insert(try credential("tok_\(number)"), for: .test(UInt64(number)))
      cache.insertUnknown(.test(UInt64(100 + number)), until: .distantFuture)
      #expect(cache.count == 1 && cache.unknownCount == 1)
      #expect(cache.find(.test(UInt64(number)), at: ticks) == .known(try credential("tok_\(number)")))
    }
  }

  @Test("An id that is too long to be kept is no credential of the cache")
  func longIDs() {
    let long = String(repeating: "x", count: 32)
    #expect(CachedCredential.test(long, of: "acct_1", asked: now) == nil)
    #expect(CachedCredential.test("tok_1", of: long, asked: now) == nil)
    #expect(CachedCredential.test("", of: "acct_1", asked: now) == nil)
    #expect(CachedCredential.test(String(long.dropLast()), of: "acct_1", asked: now) != nil)
    var cache = cache()
    cache.forget(.credential(long))
    cache.forget(.account(long))
    cache.forget(.credential(""))
  }

  @Test("Entries take little memory")
  func size() {
    #expect(MemoryLayout<CachedCredential>.size <= 88)
    #expect(MemoryLayout<SecretHash>.size == 32)
  }
}

extension SecretHash {
  /// A hash that a number tells apart. It is as regular as an attacker could wish.
  static func test(_ number: UInt64) -> SecretHash {
    var bytes = [UInt8](repeating: 0, count: 32)
    for index in 0..<8 { bytes[24 + index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
    guard let hash = SecretHash(bytes: bytes) else { fatalError("32 bytes are a hash") }
    return hash
  }
}

extension CachedCredential {
  static func test(
    _ id: String, of account: String, kind: SecretKind = .accessToken, permissions: Set<Permission> = [.predict],
    state: Credential.State = .active, lifetime: Duration? = nil, asked: ContinuousClock.Instant = .now
  ) -> CachedCredential? {
    CachedCredential(
      Credential(
        Principal(accountID: account, credentialID: id, kind: kind, permissions: permissions), state: state,
        remainingLifetime: lifetime), asked: asked, useReportedUntil: .distantFuture)
  }
}
