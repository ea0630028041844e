import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing
import TokenDomain
import TokenServer

@Suite struct AccessTokenUpdateTests {
  @Test("A new name is seen at once, and nothing has to be looked up again for it")
  func name() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken("laptop", for: ada, lifetime: 3_600).accessToken
      let answer = try await service.updateToken(
        created.id, for: ada, "name", name: "desktop", permissions: [.ingest])
      var expected = created
      expected.name = "desktop"
      #expect(answer.accessToken == expected)
      #expect(!answer.hasReceipt)
      #expect(try await service.getToken(created.id, for: ada) == expected)
      #expect(try await service.revoked().isEmpty)
    }
  }

  @Test("Changed permissions hold from then on, for the replaced secret as well")
  func permissions() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken(for: ada)
      let id = created.accessToken.id
      let rotated = try await service.rotateToken(id, for: ada, grace: 3_600)
      let answer = try await service.updateToken(id, for: ada, "permissions", permissions: [.ingest])
      #expect(answer.accessToken.permissions == [.ingest])
      #expect(answer.accessToken.name == "token")
      #expect(answer.receipt.revision == 2)
      #expect(try await service.revoked() == [id, id])
      for secret in [created.secret, rotated.secret] {
        guard case .permissionDenied = try await service.verdict(secret, permission: .predict) else {
          Issue.record("the permission should be gone")
          return
        }
        guard case .valid = try await service.verdict(secret, permission: .ingest) else {
          Issue.record("the permission should be there")
          return
        }
      }
      // Saying the same again is a retry, whose first answer may be lost.
      let again = try await service.updateToken(id, for: ada, "permissions", permissions: [.ingest])
      #expect(again.accessToken == answer.accessToken)
      #expect(again.hasReceipt)
    }
  }

  @Test("An expiry can be moved and taken away; a replaced secret follows it back and never forth")
  func expiry() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken(for: ada)
      let id = created.accessToken.id
      let secret = try await service.rotateToken(id, for: ada, grace: 7_200).secret

      let sooner = try await service.time(in: 3_600)
      let moved = try await service.updateToken(id, for: ada, "expire_time", name: "no", expireTime: sooner)
      #expect(moved.accessToken.expireTime == sooner)
      #expect(moved.accessToken.previousSecretExpireTime == sooner)
      #expect(moved.accessToken.name == "token")
      #expect(moved.hasReceipt)
      #expect((3_500...3_600).contains(try await service.lookUp(secret).credential.remainingLifetime.seconds))
      #expect((3_500...3_600).contains(try await service.lookUp(created.secret).credential.remainingLifetime.seconds))

      let later = try await service.time(in: 86_400)
      let extended = try await service.updateToken(id, for: ada, "expire_time", expireTime: later)
      #expect(extended.accessToken.expireTime == later)
      #expect(extended.accessToken.previousSecretExpireTime == sooner)

      let endless = try await service.updateToken(id, for: ada, "expire_time", "name", name: "endless")
      #expect(!endless.accessToken.hasExpireTime)
      #expect(endless.accessToken.name == "endless")
      #expect(try await service.lookUp(secret).credential.hasRemainingLifetime == false)
      #expect((3_500...3_600).contains(try await service.lookUp(created.secret).credential.remainingLifetime.seconds))
    }
  }

  @Test("An expiry lies in the future, by at most a hundred years")
  func expiryRules() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let id = try await service.createToken(for: ada, lifetime: 3_600).accessToken.id
      let now = try await service.time(in: 0)
      for time in [
        Google_Protobuf_Timestamp(), now, Google_Protobuf_Timestamp(seconds: now.seconds - 1, nanos: 999_999_999),
        Google_Protobuf_Timestamp(seconds: now.seconds + 100 * 31_556_952 + 60),
        Google_Protobuf_Timestamp(seconds: .max), Google_Protobuf_Timestamp(seconds: .min),
        Google_Protobuf_Timestamp(seconds: -1), Google_Protobuf_Timestamp(seconds: now.seconds + 60, nanos: -1),
        Google_Protobuf_Timestamp(seconds: now.seconds + 60, nanos: 1_000_000_000),
      ] {
        await service.expect(.invalidArgument, field: "access_token.expire_time") {
          try await service.updateToken(id, for: ada, "expire_time", expireTime: time)
        }
      }
      #expect(try await service.revoked().isEmpty)
      let latest = Google_Protobuf_Timestamp(seconds: now.seconds + 100 * 31_556_952 - 60, nanos: 1_999)
      let answer = try await service.updateToken(id, for: ada, "expire_time", expireTime: latest)
      #expect(answer.accessToken.expireTime == Google_Protobuf_Timestamp(seconds: latest.seconds, nanos: 1_000))
    }
  }

  @Test("A token that has expired stays so: verifiers may have learned that its secret is nobody's")
  func afterExpiry() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken(for: ada, lifetime: 3_600)
      let id = created.accessToken.id
      for table in ["access_token", "credential"] {
        _ = try await service.owner.execute(
          "UPDATE token.\(table) SET expire_time = now() WHERE \(table == "credential" ? "credential_id" : "access_token_id") = $1",
          .text(id))
      }
      let later = try await service.time(in: 3_600)
      for time in [later, nil] {
        await service.expect(.invalidArgument, field: "access_token.expire_time") {
          try await service.updateToken(id, for: ada, "expire_time", "name", name: "late", expireTime: time)
        }
      }
      #expect(try await service.verdict(created.secret) == .invalid)
      let renamed = try await service.updateToken(id, for: ada, "name", name: "over")
      #expect(renamed.accessToken.name == "over")
    }
  }

  @Test("A mask names one or more fields that can change; the rules of a new token hold")
  func rules() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken(for: ada).accessToken
      await service.expect(.invalidArgument, field: "update_mask") {
        try await service.updateToken(created.id, for: ada, name: "x", permissions: [.ingest])
      }
      for path in ["", "*", "id", "last_four", "disable_time", "access_token.name", "Name", "expireTime", "name\0"] {
        await service.expect(.invalidArgument, field: "update_mask") {
          try await service.updateToken(created.id, for: ada, "name", path, name: "x")
        }
      }
      for name in ["", String(repeating: "n", count: 101), "a\0b"] {
        await service.expect(.invalidArgument, field: "access_token.name") {
          try await service.updateToken(created.id, for: ada, "name", name: name)
        }
      }
      // No permissions at all would mean every one in a new token: here somebody has forgotten them.
      for permissions in [[], [.unspecified], [.ingest, .UNRECOGNIZED(7)]] as [[Temporis_Token_V1_Permission]] {
        await service.expect(.invalidArgument, field: "access_token.permissions") {
          try await service.updateToken(created.id, for: ada, "permissions", permissions: permissions)
        }
      }
      #expect(try await service.getToken(created.id, for: ada) == created)
      #expect(try await service.revoked().isEmpty)
      #expect(try await service.count("SELECT count(*) FROM token.audit WHERE action = 'access_token.update'") == 0)
    }
  }
}
