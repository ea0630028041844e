import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing
import TokenDomain
import TokenServer

@Suite struct AccessTokenRotationTests {
  @Test("A rotated token has a new secret and the same record but for that; without a grace the old one is over")
  func rotation() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken("laptop", for: ada, permissions: [.ingest], lifetime: 3_600)
      let rotated = try await service.rotateToken(created.accessToken.id, for: ada)
      #expect(rotated.secret.wholeMatch(of: try Regex("ts_[0-9A-Za-z]{49}")) != nil)
      #expect(rotated.secret != created.secret)
      #expect(!rotated.secretAlreadyShown)
      var expected = created.accessToken
      expected.lastFour = String(rotated.secret.suffix(4))
      #expect(rotated.accessToken == expected)
      #expect(rotated.receipt.revision == 1)
      #expect(try await service.revoked() == [expected.id])
      #expect(try await service.verdict(created.secret) == .invalid)
      let principal = try await service.principal(secret: rotated.secret)
      #expect(principal.credentialID == expected.id)
      #expect(principal.permissions == [.ingest])
      #expect((3_500...3_600).contains(try await service.lookUp(rotated.secret).credential.remainingLifetime.seconds))
      #expect(try await service.listTokens(for: ada).accessTokens == [expected])
      #expect(try await service.count("SELECT count(*) FROM token.credential WHERE kind = 'access_token'") == 1)
    }
  }

  @Test("The replaced secret works for its grace, and is seen in the record for as long")
  func grace() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken(for: ada)
      let id = created.accessToken.id
      let before = try await service.time(in: 0)
      let rotated = try await service.rotateToken(id, for: ada, grace: 600)
      #expect((595...660).contains(rotated.accessToken.previousSecretExpireTime.seconds - before.seconds))
      #expect(!rotated.accessToken.hasExpireTime)
      #expect(try await service.getToken(id, for: ada) == rotated.accessToken)
      #expect(try await service.listTokens(for: ada).accessTokens == [rotated.accessToken])
      #expect(try await service.principal(secret: created.secret).credentialID == id)
      #expect((1...600).contains(try await service.lookUp(created.secret).credential.remainingLifetime.seconds))
      #expect(try await service.lookUp(rotated.secret).credential.hasRemainingLifetime == false)

      _ = try await service.owner.execute("UPDATE token.credential SET expire_time = now() WHERE is_previous")
      #expect(try await service.verdict(created.secret) == .invalid)
      #expect(try await service.getToken(id, for: ada).hasPreviousSecretExpireTime == false)
      _ = try await service.principal(secret: rotated.secret)
    }
  }

  @Test("A grace never outlives the token's expiry")
  func graceAndExpiry() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken(for: ada, lifetime: 60)
      let rotated = try await service.rotateToken(created.accessToken.id, for: ada, grace: 30 * 86_400)
      #expect(rotated.accessToken.expireTime == created.accessToken.expireTime)
      #expect(rotated.accessToken.previousSecretExpireTime == created.accessToken.expireTime)
      #expect(try await service.lookUp(created.secret).credential.remainingLifetime.seconds <= 60)
    }
  }

  @Test("The second rotation stops the secret before the last at once, whatever its grace was")
  func twice() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let first = try await service.createToken(for: ada)
      let id = first.accessToken.id
      let second = try await service.rotateToken(id, for: ada, grace: 86_400).secret
      let third = try await service.rotateToken(id, for: ada, grace: 60)
      #expect(try await service.verdict(first.secret) == .invalid)
      _ = try await service.principal(secret: second)
      _ = try await service.principal(secret: third.secret)
      #expect((1...60).contains(try await service.lookUp(second).credential.remainingLifetime.seconds))
      #expect(third.receipt.revision == 2)

      let fourth = try await service.rotateToken(id, for: ada, grace: 0)
      for secret in [first.secret, second, third.secret] {
        #expect(try await service.verdict(secret) == .invalid)
      }
      _ = try await service.principal(secret: fourth.secret)
      #expect(!fourth.accessToken.hasPreviousSecretExpireTime)
    }
  }

  @Test("A grace is 0 to 30 days, and an idempotency key at most 255 bytes")
  func rules() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken(for: ada)
      let id = created.accessToken.id
      let graces: [(Int64, Int32)] = [
        (-1, 0), (0, -1), (30 * 86_400, 1), (31 * 86_400, 0), (.max, 0), (.min, 0), (1, 1_000_000_000),
      ]
      for (seconds, nanos) in graces {
        await service.expect(.invalidArgument, field: "grace") {
          try await service.rotateToken(id, for: ada, grace: seconds, nanos: nanos)
        }
      }
      for key in [String(repeating: "k", count: 256), "a\0b"] {
        await service.expect(.invalidArgument, field: "idempotency_key") {
          try await service.rotateToken(id, for: ada, key: key)
        }
      }
      #expect(try await service.revoked().isEmpty)
      _ = try await service.principal(secret: created.secret)
      let rotated = try await service.rotateToken(id, for: ada, grace: 30 * 86_400)
      #expect(rotated.accessToken.hasPreviousSecretExpireTime)
    }
  }

  @Test("A repeated key answers the record without the secret, and rotates nothing")
  func idempotency() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let id = try await service.createToken(for: ada).accessToken.id
      let other = try await service.createToken(for: ada).accessToken.id
      let first = try await service.rotateToken(id, for: ada, grace: 60, key: "key")
      let again = try await service.rotateToken(id, for: ada, grace: 60, key: "key")
      #expect(again.accessToken == first.accessToken)
      #expect(again.secret.isEmpty && again.secretAlreadyShown)
      #expect(again.receipt.revision == first.receipt.revision)
      _ = try await service.principal(secret: first.secret)
      await service.expect(.idempotencyKeyReused) {
        try await service.rotateToken(id, for: ada, grace: 61, key: "key")
      }
      await service.expect(.idempotencyKeyReused) { try await service.rotateToken(id, for: ada, key: "key") }
      await service.expect(.idempotencyKeyReused) {
        try await service.rotateToken(other, for: ada, grace: 60, key: "key")
      }
      #expect(try await service.revoked() == [id])
      #expect(try await service.count("SELECT count(*) FROM token.audit WHERE action = 'access_token.rotate'") == 1)

      try await service.deleteToken(id, for: ada)
      await service.expect(.accessTokenNotFound) {
        try await service.rotateToken(id, for: ada, grace: 60, key: "key")
      }
    }
  }

  @Test("A key of a creation is none of a rotation, nor the other way round, and each account has its own")
  func idempotentOperations() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let eve = try await service.principal("eve@example.com")
      let adas = try await service.createToken(for: ada, key: "one")
      await service.expect(.idempotencyKeyReused) {
        try await service.rotateToken(adas.accessToken.id, for: ada, key: "one")
      }
      _ = try await service.principal(secret: adas.secret)
      #expect(try await service.rotateToken(adas.accessToken.id, for: ada, key: "two").secretAlreadyShown == false)
      await service.expect(.idempotencyKeyReused) { _ = try await service.createToken(for: ada, key: "two") }

      let eves = try await service.createToken(for: eve)
      #expect(try await service.rotateToken(eves.accessToken.id, for: eve, key: "two").secretAlreadyShown == false)
    }
  }

  @Test("Of many rotations at once with one key, one shows a secret, which works")
  func concurrentIdempotency() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let id = try await service.createToken(for: ada).accessToken.id
      let answers = try await withThrowingTaskGroup(of: Temporis_Token_V1_RotateAccessTokenResponse.self) { group in
        for _ in 0..<8 {
          group.addTask { try await service.rotateToken(id, for: ada, key: "key") }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      let secrets = answers.map(\.secret).filter { !$0.isEmpty }
      #expect(secrets.count == 1)
      #expect(answers.filter(\.secretAlreadyShown).count == 7)
      _ = try await service.principal(secret: try #require(secrets.first))
      #expect(try await service.revoked() == [id])
    }
  }

  @Test("Of many rotations at once the last one's secret works alone")
  func concurrentRotations() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken(for: ada)
      let id = created.accessToken.id
      let answers = try await withThrowingTaskGroup(of: Temporis_Token_V1_RotateAccessTokenResponse.self) { group in
        for _ in 0..<8 {
          group.addTask { try await service.rotateToken(id, for: ada) }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      var working: [String] = []
      for secret in answers.map(\.secret) + [created.secret] {
        if case .valid = try await service.verdict(secret) { working.append(secret) }
      }
      #expect(working.count == 1)
      #expect(try await service.getToken(id, for: ada).lastFour == working.first.map { String($0.suffix(4)) })
      #expect(try await service.count("SELECT count(*) FROM token.credential WHERE kind = 'access_token'") == 1)
    }
  }
}
