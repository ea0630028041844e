import Postgres
import ServiceKit
import TemporisAPI
import Testing
import TokenDomain
import TokenServer

@Suite struct PepperRotationTests {
  /// How many access tokens' hashes are keyed with a version of the pepper.
  private func hashes(_ service: TokenServiceFixture, pepper version: Int) async throws -> Int {
    try await service.count(
      "SELECT count(*) FROM token.credential WHERE kind = 'access_token' AND pepper_version = $1", .int4(Int32(version))
    )
  }

  @Test("After a pepper's rotation old secrets work, and are stored under the new one once seen")
  func rotation() async throws {
    try await TokenServiceFixture.run(peppers: .test("1")) { before in
      let ada = try await before.principal("ada@example.com")
      let seen = try await before.createToken(for: ada)
      let unseen = try await before.createToken(for: ada)

      let rotated = before.with(peppers: try .test("2", "1"))
      let new = try await rotated.createToken(for: ada)
      #expect(try await hashes(rotated, pepper: 2) == 1)
      for secret in [seen, unseen, new].map(\.secret) { _ = try await rotated.principal(secret: secret) }
      #expect(try await rotated.lookUp(seen.secret).hasCredential)
      #expect(try await rotated.lookUp(new.secret).hasCredential)
      try await rotated.maintenance.flush()
      #expect(try await hashes(rotated, pepper: 1) == 1)
      #expect(try await hashes(rotated, pepper: 2) == 2)
      for secret in [seen, unseen, new].map(\.secret) { _ = try await rotated.principal(secret: secret) }
      // Nothing that look-ups answer has changed.
      #expect(try await rotated.revoked().isEmpty)

      // The retired pepper is removed: nobody is told that what is keyed with it is unknown.
      let after = before.with(peppers: try .test("2"))
      for secret in [seen, unseen].map(\.secret) {
        let error = await #expect(throws: ServiceError.self) { try await after.lookUp(secret) }
        #expect(error?.reason == .unavailable)
      }
      // It is given up: what was seen meanwhile works, and the rest is lost.
      _ = try await before.owner.execute("DELETE FROM token.credential WHERE pepper_version = 1")
      for secret in [seen, new].map(\.secret) { _ = try await after.principal(secret: secret) }
      #expect(try await after.verdict(unseen.secret) == .invalid)
      #expect(try await after.lookUp(unseen.secret).hasCredential == false)
      #expect(try await before.verdict(seen.secret) == .invalid)
    }
  }

  @Test("A pepper of the same version and another key matches nothing")
  func otherKey() async throws {
    try await TokenServiceFixture.run(peppers: .test("1")) { before in
      let ada = try await before.principal("ada@example.com")
      let secret = try await before.createToken(for: ada).secret
      let key = String(repeating: "0f", count: 32)
      let other = before.with(peppers: try #require(PepperSet("1:\(key)")))
      #expect(try await other.verdict(secret) == .invalid)
      // Known under the new version's hash, but said to be of the old one: no hash matches under another version.
      _ = try await before.owner.execute("UPDATE token.credential SET pepper_version = 2")
      #expect(try await before.verdict(secret) == .invalid)
    }
  }

  @Test("A token under a retired pepper is rotated, disabled and deleted like any other")
  func changes() async throws {
    try await TokenServiceFixture.run(peppers: .test("1")) { before in
      let ada = try await before.principal("ada@example.com")
      let created = try await before.createToken(for: ada)
      let id = created.accessToken.id
      let after = before.with(peppers: try .test("2", "1"))

      let rotated = try await after.rotateToken(id, for: ada, grace: 600)
      #expect(try await hashes(after, pepper: 1) == 1)
      #expect(try await hashes(after, pepper: 2) == 1)
      for secret in [created.secret, rotated.secret] { #expect(try await after.lookUp(secret).hasCredential) }
      // The replaced secret, too, is keyed anew, and stays what it is.
      try await after.maintenance.flush()
      #expect(try await hashes(after, pepper: 2) == 2)
      #expect(try await after.lookUp(created.secret).credential.hasRemainingLifetime)
      #expect(
        try await after.getToken(id, for: ada).previousSecretExpireTime == rotated.accessToken.previousSecretExpireTime)

      try await after.disableToken(id, for: ada)
      for secret in [created.secret, rotated.secret] { #expect(try await after.verdict(secret) == .invalid) }
      try await after.enableToken(id, for: ada)
      let third = try await after.rotateToken(id, for: ada).secret
      for secret in [created.secret, rotated.secret] { #expect(try await after.verdict(secret) == .invalid) }
      try await after.deleteToken(id, for: ada)
      #expect(try await after.verdict(third) == .invalid)
      #expect(try await after.count("SELECT count(*) FROM token.credential WHERE kind = 'access_token'") == 0)
    }
  }

  @Test("A secret that was deleted or replaced meanwhile is not stored again by a late rotation of the pepper")
  func lateRekeying() async throws {
    try await TokenServiceFixture.run(peppers: .test("1")) { before in
      let ada = try await before.principal("ada@example.com")
      let deleted = try await before.createToken(for: ada)
      let replaced = try await before.createToken(for: ada)
      let rotated = before.with(peppers: try .test("2", "1"))
      for token in [deleted, replaced] { #expect(try await rotated.lookUp(token.secret).hasCredential) }
      try await rotated.deleteToken(deleted.accessToken.id, for: ada)
      try await rotated.rotateToken(replaced.accessToken.id, for: ada)
      try await rotated.maintenance.flush()
      for token in [deleted, replaced] { #expect(try await rotated.verdict(token.secret) == .invalid) }
      #expect(try await hashes(rotated, pepper: 1) == 0)
      #expect(try await hashes(rotated, pepper: 2) == 1)
      #expect(try await rotated.listTokens(for: ada).accessTokens.count == 1)
    }
  }

  @Test("A service that lacks the pepper of a stored credential does not start, and says which and not its key")
  func missingPepper() async throws {
    try await TokenServiceFixture.run(peppers: .test("1")) { before in
      // Nothing is stored.
      try await before.with(peppers: .test("7")).store.requirePeppers()
      let ada = try await before.principal("ada@example.com")
      _ = try await before.createToken(for: ada)
      _ = try await before.with(peppers: .test("3", "1")).createToken(for: ada)

      for peppers in try [.test("1", "3"), .test("4", "3", "2", "1")] as [PepperSet] {
        let check = PepperCheck(of: before.with(peppers: peppers).store, startLimit: .seconds(60))
        #expect(throws: ServiceError.self) { try check.requireDone() }
        try await check.begin()
        try check.requireDone()
      }
      for (peppers, missing) in try [
        (.test("3"), "1"), (.test("1", "2"), "3"), (.test("2"), "1, 3"),
      ] as [(PepperSet, String)] {
        let check = PepperCheck(of: before.with(peppers: peppers).store, startLimit: .seconds(60))
        let error = await #expect(throws: SettingError.self) { try await check.begin() }
        #expect(error?.description.contains("keyed with: \(missing).") == true)
        #expect(error?.description.contains("0101") == false)
        #expect(throws: ServiceError.self) { try check.requireDone() }
        // What the process ends with, when the database answers later only.
        await #expect(throws: SettingError.self) { try await check.run() }
      }
      // Nobody misses what has expired.
      _ = try await before.owner.execute("UPDATE token.credential SET expire_time = now() WHERE pepper_version = 1")
      try await before.with(peppers: .test("3")).store.requirePeppers()
    }
  }

  @Test("A database that does not answer keeps a service from taking calls, and not from starting")
  func peppersUnknown() async throws {
    try await TokenServiceFixture.run { service in
      await service.database.close()
      let check = PepperCheck(of: service.store)
      try await check.begin()
      await service.expect(.unavailable) { try check.requireDone() }
    }
  }

  @Test("A session under a retired pepper works and can be ended")
  func session() async throws {
    try await TokenServiceFixture.run(peppers: .test("1")) { before in
      try await before.createAccount("ada@example.com")
      let secret = try await before.signIn("ada@example.com").secret
      let after = before.with(peppers: try .test("2", "1"))
      let principal = try await after.principal(secret: secret)
      try await after.signOut(principal)
      #expect(try await after.verdict(secret) == .invalid)
    }
  }
}
