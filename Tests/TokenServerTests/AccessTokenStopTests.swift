import Postgres
import ServiceKit
import Synchronization
import TemporisAPI
import TestSupport
import Testing
import TokenDomain
import TokenServer

/// Disabling, enabling and deleting, and when each is answered.
@Suite struct AccessTokenStopTests {
  /// The names of what has ended.
  private final class Endings: Sendable {
    private let state = Mutex<[String]>([])

    var names: [String] { state.withLock { $0 } }

    func add(_ name: String) {
      state.withLock { $0.append(name) }
    }
  }

  @Test("A disabled token stops with both its secrets, and works again once it is enabled")
  func disabling() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken(for: ada, lifetime: 3_600)
      let id = created.accessToken.id
      let rotated = try await service.rotateToken(id, for: ada, grace: 600)
      let secrets = [created.secret, rotated.secret]

      let disabled = try await service.disableToken(id, for: ada)
      var expected = rotated.accessToken
      expected.disableTime = disabled.accessToken.disableTime
      #expect(disabled.accessToken == expected)
      #expect(disabled.accessToken.hasDisableTime)
      #expect(disabled.receipt.revision == 2)
      #expect(try await service.getToken(id, for: ada) == expected)
      for secret in secrets {
        #expect(try await service.verdict(secret) == .invalid)
        #expect(try await service.lookUp(secret).credential.state == .stopped)
      }

      let enabled = try await service.enableToken(id, for: ada)
      #expect(enabled.accessToken == rotated.accessToken)
      #expect(enabled.receipt.revision == 3)
      for secret in secrets {
        _ = try await service.principal(secret: secret)
        #expect(try await service.lookUp(secret).credential.state == .active)
      }
      #expect(try await service.revoked() == [id, id, id])
    }
  }

  @Test("Doing it twice is no error and changes nothing")
  func twice() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken(for: ada).accessToken
      #expect(try await service.enableToken(created.id, for: ada).accessToken == created)
      let first = try await service.disableToken(created.id, for: ada)
      let second = try await service.disableToken(created.id, for: ada)
      #expect(second.accessToken == first.accessToken)
      #expect(second.receipt.revision == first.receipt.revision)
      #expect(try await service.enableToken(created.id, for: ada).accessToken == created)
      #expect(try await service.enableToken(created.id, for: ada).accessToken == created)
      #expect(try await service.revoked() == [created.id, created.id])
      #expect(try await service.count("SELECT count(*) FROM token.audit WHERE action LIKE '%able'") == 2)
    }
  }

  @Test("What is disabled stays so through an update and a rotation, and the new secret with it")
  func disabledAndChanged() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken(for: ada)
      let id = created.accessToken.id
      try await service.disableToken(id, for: ada)
      let updated = try await service.updateToken(
        id, for: ada, "permissions", "expire_time", permissions: [.ingest, .predict])
      #expect(updated.accessToken.hasDisableTime)
      let rotated = try await service.rotateToken(id, for: ada, grace: 600)
      #expect(rotated.accessToken.hasDisableTime)
      for secret in [created.secret, rotated.secret] { #expect(try await service.verdict(secret) == .invalid) }
      try await service.enableToken(id, for: ada)
      for secret in [created.secret, rotated.secret] { _ = try await service.principal(secret: secret) }
    }
  }

  @Test("A deleted token is gone with both its secrets, and the answer says since which revision")
  func deletion() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken(for: ada)
      let id = created.accessToken.id
      let rotated = try await service.rotateToken(id, for: ada, grace: 600).secret
      try await service.disableToken(id, for: ada)
      let receipt = try await service.deleteToken(id, for: ada)
      #expect(receipt.revision == 3)
      #expect(receipt.hasDuration)
      #expect(receipt.confirmations == 0)
      for secret in [created.secret, rotated] {
        #expect(try await service.verdict(secret) == .invalid)
        #expect(try await service.lookUp(secret).hasCredential == false)
      }
      #expect(try await service.count("SELECT count(*) FROM token.credential WHERE kind = 'access_token'") == 0)
    }
  }

  @Test("A call that finds its work done, or its token gone, waits for verifiers like the first one")
  func waiting() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let leaver = try await service.principal(secret: try await service.signIn("ada@example.com").secret)
      let ids = try await [
        service.createToken(for: ada), service.createToken(for: ada), service.createToken(for: ada),
      ].map(\.accessToken.id)
      try await service.signOut(leaver)
      try await service.deleteToken(ids[0], for: ada)
      try await service.disableToken(ids[1], for: ada)
      let rotated = try await service.rotateToken(ids[2], for: ada, key: "key").accessToken

      // A verifier that has not heard of anything, for ten minutes.
      let session = [UInt8](repeating: 7, count: 16)
      _ = try await service.owner.execute(
        "INSERT INTO token.verifier_lease (session, acknowledged, floor, ttl_milliseconds) VALUES ($1, 0, 0, 600000)",
        .bytea(session))
      let answered = Endings()
      let calls: [(String, @Sendable () async throws -> Void)] = [
        ("disable", { try await service.disableToken(ids[1], for: ada) }),
        ("enable", { try await service.enableToken(ids[2], for: ada) }),
        (
          "rotate",
          {
            let again = try await service.rotateToken(ids[2], for: ada, key: "key")
            #expect(again.accessToken == rotated)
          }
        ),
        ("sign out", { try await service.signOut(leaver) }),
        ("delete", { await service.expect(.accessTokenNotFound) { try await service.deleteToken(ids[0], for: ada) } }),
        (
          "update",
          {
            await service.expect(.accessTokenNotFound) {
              try await service.updateToken(ids[0], for: ada, "expire_time")
            }
          }
        ),
        (
          "disable what is gone",
          { await service.expect(.accessTokenNotFound) { try await service.disableToken(ids[0], for: ada) } }
        ),
      ]
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (name, call) in calls {
          group.addTask {
            try await call()
            answered.add(name)
          }
        }
        // What no verifier answers is not waited for: each of these goes to the database and back.
        for number in 0..<20 {
          let renamed = try await service.updateToken(ids[1], for: ada, "name", name: "\(number)")
          #expect(!renamed.hasReceipt)
        }
        try await eventually("leases that lag may not be extended") {
          try await service.count("SELECT count(*) FROM token.verifier_lease WHERE floor > 0") > 0 ? () : nil
        }
        #expect(answered.names == [])
        _ = try await service.owner.execute("UPDATE token.verifier_lease SET acknowledged = 1000000")
        try await group.waitForAll()
      }
      #expect(Set(answered.names) == Set(calls.map(\.0)))
    }
  }
}
