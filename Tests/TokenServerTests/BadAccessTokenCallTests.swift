import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing
import TokenDomain
import TokenServer

/// Calls that name what is not the caller's, or what is nothing at all.
@Suite struct BadAccessTokenCallTests {
  private typealias Call = @Sendable (TokenServiceFixture, String, Principal) async throws -> Void

  /// Every call that names an access token.
  private static let calls: [Call] = [
    { service, id, principal in _ = try await service.getToken(id, for: principal) },
    { service, id, principal in try await service.updateToken(id, for: principal, "name", name: "x") },
    { service, id, principal in
      try await service.updateToken(id, for: principal, "permissions", permissions: [.ingest])
    },
    { service, id, principal in try await service.updateToken(id, for: principal, "expire_time") },
    { service, id, principal in try await service.rotateToken(id, for: principal) },
    { service, id, principal in try await service.rotateToken(id, for: principal, grace: 60, key: "key") },
    { service, id, principal in try await service.disableToken(id, for: principal) },
    { service, id, principal in try await service.enableToken(id, for: principal) },
    { service, id, principal in try await service.deleteToken(id, for: principal) },
  ]

  @Test("Another account's token is not found by any call, and none touches it")
  func otherAccount() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let eve = try await service.principal("eve@example.com")
      let token = try await service.createToken(for: ada, lifetime: 3_600)
      let disabled = try await service.createToken(for: ada).accessToken.id
      try await service.disableToken(disabled, for: ada)
      let tokens = try await service.listTokens(for: ada).accessTokens
      let audited = try await service.listAudit(for: ada).auditRecords
      let revoked = try await service.revoked()
      for call in Self.calls {
        for id in [token.accessToken.id, disabled] {
          await service.expect(.accessTokenNotFound) { try await call(service, id, eve) }
        }
      }
      #expect(try await service.listTokens(for: ada).accessTokens == tokens)
      #expect(try await service.listAudit(for: ada).auditRecords == audited)
      #expect(try await service.listAudit(for: eve).auditRecords.count == 2)
      #expect(try await service.revoked() == revoked)
      #expect(try await service.count("SELECT count(*) FROM token.idempotency") == 0)
      _ = try await service.principal(secret: token.secret)
    }
  }

  @Test("What can be no token's id is not found by any call")
  func junk() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let id = try await service.createToken(for: ada).accessToken.id
      let junk = [
        "", "tok_", "tok_\0", id + "\0", id + "0", String(id.dropLast()), String(id.dropLast()) + "\0",
        String(id.dropLast()) + "-", id.uppercased(), "ses_" + id.dropFirst(4), String(id.dropFirst(4)), " " + id,
        "tok_" + String(repeating: "é", count: 11), "'; DROP TABLE token.account; --", ada.accountID, ada.credentialID,
        String(repeating: "x", count: 100_000), "tok_" + String(repeating: "0", count: 22),
      ]
      for call in Self.calls {
        for id in junk { await service.expect(.accessTokenNotFound) { try await call(service, id, ada) } }
      }
      #expect(try await service.listTokens(for: ada).accessTokens.map(\.id) == [id])
      #expect(try await service.revoked().isEmpty)
    }
  }

  @Test("A page of one list is a harmless place in another's, or is refused")
  func pageTokens() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let eve = try await service.principal("eve@example.com")
      for _ in 0..<3 {
        _ = try await service.createToken(for: ada)
        _ = try await service.createToken(for: eve)
      }
      let eves = try await service.listTokens(for: eve).accessTokens
      for page in try await [
        service.listTokens(for: ada, size: 1).nextPageToken, service.listAudit(for: ada, size: 1).nextPageToken,
      ] {
        #expect(!page.isEmpty)
        let seen = try await service.listTokens(for: eve, page: page).accessTokens
        #expect(seen.allSatisfy { eves.contains($0) })
      }
      // "1 id", with a NUL; nothing; a time without an id; a negative time.
      for page in ["MSBpZAA=", "AA==", "MQ==", "LTEgaWQ=", "====", String(repeating: "A", count: 100_001)] {
        await service.expect(.invalidArgument) { _ = try await service.listTokens(for: ada, page: page) }
      }
    }
  }

  @Test("A call that was not authenticated is refused, whatever it asks for")
  func missingPrincipal() async throws {
    try await TokenServiceFixture.run { service async throws in
      let tokens = service.accessTokens
      let calls: [() async throws -> Void] = [
        { _ = try await tokens.createAccessToken(request: .with { $0.name = "x" }, context: .test) },
        { _ = try await tokens.getAccessToken(request: .init(), context: .test) },
        { _ = try await tokens.listAccessTokens(request: .init(), context: .test) },
        {
          _ = try await tokens.updateAccessToken(
            request: .with {
              $0.accessToken.name = "x"
              $0.updateMask.paths = ["name"]
            }, context: .test)
        },
        { _ = try await tokens.rotateAccessToken(request: .init(), context: .test) },
        { _ = try await tokens.disableAccessToken(request: .init(), context: .test) },
        { _ = try await tokens.enableAccessToken(request: .init(), context: .test) },
        { _ = try await tokens.deleteAccessToken(request: .init(), context: .test) },
        { _ = try await service.accounts.listSessions(request: .init(), context: .test) },
        { _ = try await service.accounts.deleteSession(request: .init(), context: .test) },
        { _ = try await service.accounts.deleteSessions(request: .init(), context: .test) },
        { _ = try await service.accounts.changePassword(request: .init(), context: .test) },
      ]
      for call in calls { await service.expect(.accessTokenMissing) { try await call() } }
    }
  }

  @Test("A new token works for 1 second to 100 years")
  func lifetimes() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      for lifetime in [1, 100 * 31_556_952 - 1] as [Int64] {
        let token = try await service.createToken(for: ada, lifetime: lifetime).accessToken
        #expect(token.expireTime.seconds - token.createTime.seconds == lifetime)
        #expect(token.expireTime.nanos == token.createTime.nanos)
      }
    }
  }
}
