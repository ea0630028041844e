import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing
import TokenDomain
import TokenServer

@Suite struct AccessTokenTests {
  @Test("A new token is shown once, works, and is listed without its secret")
  func creation() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken("laptop", for: ada)
      #expect(created.secret.wholeMatch(of: try Regex("ts_[0-9A-Za-z]{49}")) != nil)
      #expect(!created.secretAlreadyShown)
      let token = created.accessToken
      #expect(token.id.wholeMatch(of: try Regex("tok_[0-9A-Za-z]{22}")) != nil)
      #expect(token.name == "laptop")
      #expect(token.lastFour == String(created.secret.suffix(4)))
      #expect(token.permissions == [.ingest, .predict])
      #expect(token.hasCreateTime && !token.hasExpireTime && !token.hasLastUseTime)
      #expect(try await service.listTokens(for: ada).accessTokens == [token])

      let principal = try await service.principal(secret: created.secret)
      #expect(principal.accountID == ada.accountID)
      #expect(principal.credentialID == token.id)
      #expect(principal.kind == .accessToken)
      let found = try await service.lookUp(created.secret).credential
      #expect(found.kind == .accessToken)
      #expect(found.credentialID == token.id)
      #expect(!found.hasRemainingLifetime)
    }
  }

  @Test("A token can be read by its id, without its secret, until it is deleted")
  func reading() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken("laptop", for: ada, lifetime: 3_600).accessToken
      _ = try await service.createToken("another", for: ada)
      #expect(try await service.getToken(created.id, for: ada) == created)
      for id in [
        "", "tok_", "tok_\0", "tok_" + String(repeating: "0", count: 22), String(repeating: "x", count: 100_000),
      ] {
        await service.expect(.accessTokenNotFound) { _ = try await service.getToken(id, for: ada) }
      }
      try await service.deleteToken(created.id, for: ada)
      await service.expect(.accessTokenNotFound) { _ = try await service.getToken(created.id, for: ada) }
    }
  }

  @Test("A deleted token is unknown from then on, and deleting it again finds none")
  func deletion() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken(for: ada)
      let kept = try await service.createToken(for: ada)
      try await service.deleteToken(created.accessToken.id, for: ada)
      #expect(try await service.verdict(created.secret) == .invalid)
      #expect(try await service.lookUp(created.secret).hasCredential == false)
      #expect(try await service.listTokens(for: ada).accessTokens == [kept.accessToken])
      _ = try await service.principal(secret: kept.secret)
      for id in [created.accessToken.id, "", "tok_", "tok_\0", String(repeating: "x", count: 100_000)] {
        await service.expect(.accessTokenNotFound) { try await service.deleteToken(id, for: ada) }
      }
      let audited = try await service.owner.query(
        "SELECT actor_id, subject_id FROM token.audit WHERE action = 'access_token.delete'")
      #expect(audited.count == 1)
      #expect(try audited.first?.decode(0) == ada.credentialID)
      #expect(try audited.first?.decode(1) == created.accessToken.id)
    }
  }

  @Test("Many deletions at once end in one success")
  func concurrentDeletion() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let id = try await service.createToken(for: ada).accessToken.id
      let successes = await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<8 {
          group.addTask { (try? await service.deleteToken(id, for: ada)) != nil }
        }
        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(successes == 1)
      #expect(try await service.count("SELECT count(*) FROM token.audit WHERE action = 'access_token.delete'") == 1)
    }
  }

  @Test("What breaks a rule is refused and nothing is stored")
  func rules() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      for lifetime in [Int64.min, -1, 0, 100 * 31_556_952, .max] {
        await service.expect(.invalidArgument, field: "lifetime") {
          _ = try await service.createToken(for: ada, lifetime: lifetime)
        }
      }
      for permissions in [[.unspecified], [.UNRECOGNIZED(7)], [.ingest, .unspecified]]
        as [[Temporis_Token_V1_Permission]]
      {
        await service.expect(.invalidArgument, field: "permissions") {
          _ = try await service.createToken(for: ada, permissions: permissions)
        }
      }
      for key in [String(repeating: "k", count: 256), "a\nb"] {
        await service.expect(.invalidArgument, field: "idempotency_key") {
          _ = try await service.createToken(for: ada, key: key)
        }
      }
      #expect(try await service.count("SELECT count(*) FROM token.access_token") == 0)
      #expect(try await service.count("SELECT count(*) FROM token.idempotency") == 0)
      _ = try await service.createToken(
        String(repeating: "𝕟", count: 100), for: ada, key: String(repeating: "k", count: 255))
      _ = try await service.createToken("'; DROP TABLE token.account; --", for: ada, permissions: [.predict, .predict])
    }
  }

  @Test("A name is on one line, reads as it is stored, and can be seen")
  func badNames() async throws {
    let names = [
      "", String(repeating: "n", count: 101), "a\nb", "a\r\nb", "a\0b", "a\tb", "\u{7F}", "\u{85}", "a\u{2028}b",
      "a\u{2029}b", "a\u{200E}b", "a\u{200F}b", "a\u{61C}b", "a\u{202A}b", "a\u{202B}b", "a\u{202C}b", "a\u{202D}b",
      "a\u{202E}b", "a\u{2066}b", "a\u{2067}b", "a\u{2068}b", "a\u{2069}b", " ", "   ", "\u{A0}", "\u{3000}",
      "\u{200B}", "\u{FEFF}", "\u{AD}", "\u{2060} ", "\u{115F}", "\u{3164}", "\u{2800}", "\u{200D}\u{FE0F}",
    ]
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let id = try await service.createToken("laptop", for: ada).accessToken.id
      for name in names {
        await service.expect(.invalidArgument, field: "name") { _ = try await service.createToken(name, for: ada) }
        await service.expect(.invalidArgument, field: "access_token.name") {
          try await service.updateToken(id, for: ada, "name", name: name)
        }
      }
      #expect(try await service.listTokens(for: ada).accessTokens.map(\.name) == ["laptop"])
    }
  }

  @Test("A name may be in any language, and is kept as it was given")
  func goodNames() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      // The joiners are letters' own: of Persian, and of an emoji.
      let names = [
        "x", " laptop ", "Ada's laptop; DROP TABLE", "مفتاح", "می\u{200C}خواهم", "מפתח", "鍵", "👩\u{200D}💻", "e\u{301}",
      ]
      for name in names { #expect(try await service.createToken(name, for: ada).accessToken.name == name) }
    }
  }

  @Test("A token may do what it was made for, and no more")
  func permissions() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let secret = try await service.createToken(for: ada, permissions: [.ingest]).secret
      guard case .valid(let principal) = try await service.verdict(secret, permission: .ingest) else {
        Issue.record("the token should work")
        return
      }
      #expect(principal.permissions == [.ingest])
      #expect(try await service.verdict(secret, permission: .predict) == .permissionDenied(principal))
    }
  }

  @Test("A token stops working at its expiry, and the answer says how long it has left")
  func expiry() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken(for: ada, lifetime: 3_600)
      #expect(created.accessToken.expireTime.seconds - created.accessToken.createTime.seconds == 3_600)
      let remaining = try await service.lookUp(created.secret).credential.remainingLifetime
      #expect((3_500..<3_600).contains(remaining.seconds))
      _ = try await service.owner.execute("UPDATE token.credential SET expire_time = now() WHERE kind = 'access_token'")
      #expect(try await service.verdict(created.secret) == .invalid)
      #expect(try await service.lookUp(created.secret).hasCredential == false)
      #expect(try await service.listTokens(for: ada).accessTokens.count == 1)
    }
  }

  @Test("A repeated idempotency key answers the first record without the secret")
  func idempotency() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let first = try await service.createToken("one", for: ada, lifetime: 60, key: "key")
      let again = try await service.createToken("one", for: ada, lifetime: 60, key: "key")
      #expect(again.accessToken == first.accessToken)
      #expect(again.secret.isEmpty && again.secretAlreadyShown)
      _ = try await service.principal(secret: first.secret)
      await service.expect(.idempotencyKeyReused) {
        _ = try await service.createToken("two", for: ada, lifetime: 60, key: "key")
      }
      await service.expect(.idempotencyKeyReused) { _ = try await service.createToken("one", for: ada, key: "key") }
      await service.expect(.idempotencyKeyReused) {
        _ = try await service.createToken("one", for: ada, permissions: [.ingest], lifetime: 60, key: "key")
      }
      #expect(try await service.listTokens(for: ada).accessTokens.count == 1)
      try await service.deleteToken(first.accessToken.id, for: ada)
      let error = await #expect(throws: ServiceError.self) {
        _ = try await service.createToken("one", for: ada, lifetime: 60, key: "key")
      }
      #expect(error?.reason == .accessTokenNotFound)
      #expect(error?.message == "The access token of this idempotency key has been deleted.")
      #expect(try await service.listTokens(for: ada).accessTokens.isEmpty)
    }
  }

  @Test("A key belongs to the operation that it came with, even if another's request looks the same")
  func operationOfKey() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let id = try await service.createToken("one", for: ada, key: "created").accessToken.id
      try await service.rotateToken(id, for: ada, key: "rotated")
      _ = try await service.owner.execute(
        "UPDATE token.idempotency SET operation = CASE operation WHEN 'create' THEN 'rotate' ELSE 'create' END")
      await service.expect(.idempotencyKeyReused) { _ = try await service.createToken("one", for: ada, key: "created") }
      await service.expect(.idempotencyKeyReused) { try await service.rotateToken(id, for: ada, key: "rotated") }
    }
  }

  @Test("Of many calls at once with one key, one creates the token and shows the secret")
  func concurrentIdempotency() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let responses = try await withThrowingTaskGroup(of: Temporis_Token_V1_CreateAccessTokenResponse.self) { group in
        for _ in 0..<8 {
          group.addTask { try await service.createToken(for: ada, key: "key") }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(Set(responses.map(\.accessToken.id)).count == 1)
      #expect(responses.filter { !$0.secret.isEmpty }.count == 1)
      #expect(responses.filter(\.secretAlreadyShown).count == 7)
      #expect(try await service.count("SELECT count(*) FROM token.access_token") == 1)
    }
  }

  @Test("A list is given newest first, page by page, each token once")
  func pagination() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      var ids: [String] = []
      for number in 0..<5 { ids.append(try await service.createToken("\(number)", for: ada).accessToken.id) }
      // Equal times must not lose or repeat a token at a page's edge.
      _ = try await service.owner.execute(
        "UPDATE token.access_token SET create_time = '2026-01-01' WHERE name IN ('1', '2', '3')")
      var listed: [[String]] = []
      var page = ""
      repeat {
        let response = try await service.listTokens(for: ada, size: 2, page: page)
        listed.append(response.accessTokens.map(\.id))
        page = response.nextPageToken
      } while !page.isEmpty
      #expect(listed.map(\.count) == [2, 2, 1])
      #expect(listed.joined().first == ids[4])
      #expect(Set(listed.joined()) == Set(ids))
      #expect(try await service.listTokens(for: ada).accessTokens.count == 5)
      for token in ["x", "eA==", "LTEgeA==", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5IHg="] {
        await service.expect(.invalidArgument) { _ = try await service.listTokens(for: ada, page: token) }
      }
      await service.expect(.invalidArgument) { _ = try await service.listTokens(for: ada, size: -1) }
    }
  }

  @Test("Two accounts never see each other's tokens, also with the same idempotency key")
  func isolation() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let eve = try await service.principal("eve@example.com")
      let adas = try await service.createToken("ada's", for: ada, key: "key")
      let eves = try await service.createToken("eve's", for: eve, key: "key")
      #expect(!eves.secret.isEmpty)
      #expect(try await service.listTokens(for: ada).accessTokens == [adas.accessToken])
      #expect(try await service.listTokens(for: eve).accessTokens == [eves.accessToken])
      #expect(try await service.principal(secret: adas.secret).accountID == ada.accountID)
      #expect(try await service.principal(secret: eves.secret).accountID == eve.accountID)
    }
  }
}
