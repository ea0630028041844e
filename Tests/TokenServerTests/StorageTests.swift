import Logging
import Postgres
import ServiceDatabase
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing
import TokenDomain
import TokenServer

@Suite struct StorageTests {
  @Test("No table holds a secret, its SHA-256 or a password, in any form")
  func noSecrets() async throws {
    try await TokenServiceFixture.run { service in
      try await service.createAccount("ada@example.com", key: "account key")
      let session = try await service.signIn("ada@example.com").secret
      let ada = try await service.principal(secret: session)
      let created = try await service.createToken(for: ada, lifetime: 60, key: "token key")
      let token = created.secret
      let rotated = try await service.rotateToken(created.accessToken.id, for: ada, grace: 30, key: "another").secret
      await service.expect(.signInFailed) {
        _ = try await service.signIn("ada@example.com", password: TokenServiceFixture.password + "!")
      }
      let changed = TokenServiceFixture.password + " staple"
      let renewed = try await service.changePassword(to: changed, for: ada).secret
      _ = try await service.lookUp(token)
      try await service.maintenance.flush()
      try await service.accounts.refusals.flush()

      let columns = try await service.owner.query(
        """
        SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = 'token'
        ORDER BY 1, 2
        """)
      #expect(columns.count > 30)
      var stored = 0
      for column in columns {
        let table: String = try column.decode(0)
        let name: String = try column.decode(1)
        // PostgreSQL writes bytes in hexadecimal.
        let rows = try await service.owner.query("SELECT \"\(name)\"::text FROM token.\"\(table)\"")
        for row in rows {
          guard let text = try row.decode(0, as: String?.self) else { continue }
          stored += 1
          for secret in [session, token, rotated, renewed] {
            let hash = SecretHash(try #require(Secret(secret)))
            #expect(!text.contains(secret))
            #expect(!text.contains(secret.dropFirst(4).prefix(16)))
            #expect(!text.contains(hash.bytes.hexadecimal))
            #expect(!text.contains(Array(secret.utf8).hexadecimal))
          }
          #expect(!text.contains(TokenServiceFixture.password))
          #expect(!text.contains(Array(TokenServiceFixture.password.utf8).hexadecimal))
        }
      }
      #expect(stored > 30)
    }
  }

  @Test("The service's role can do what the service does and nothing else")
  func leastPrivilege() async throws {
    let forbidden = [
      "UPDATE token.audit SET action = 'x'", "DELETE FROM token.audit", "TRUNCATE token.audit",
      "UPDATE token.account SET suspend_time = NULL", "DELETE FROM token.account",
      "UPDATE token.sign_in SET email_key = ''", "UPDATE token.sign_in SET account_id = ''",
      "DELETE FROM token.sign_in",
      "UPDATE token.access_token SET account_id = ''", "UPDATE token.access_token SET creator_id = ''",
      "UPDATE token.credential SET account_id = ''", "UPDATE token.credential SET credential_id = ''",
      "UPDATE token.credential SET kind = 'access_token'", "UPDATE token.idempotency SET request_hash = ''",
      "UPDATE token.session SET expire_time = now()", "UPDATE token.session SET account_id = ''",
      "DROP TABLE token.account", "CREATE TABLE token.other (id int)",
      "ALTER TABLE token.audit DISABLE TRIGGER ALL", "SELECT * FROM token.schema_migration",
      "INSERT INTO token.schema_migration VALUES (2, '', 0)",
    ]
    try await TokenServiceFixture.run { service in
      for sql in forbidden {
        let error = await #expect(throws: PostgresError.self, "\(sql)") { _ = try await service.database.execute(sql) }
        #expect(error?.sqlState == .insufficientPrivilege, "\(sql)")
      }
    }
  }

  @Test("A change whose audit record cannot be written does not happen")
  func auditOrNothing() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let token = try await service.createToken(for: ada)
      _ = try await service.owner.execute("REVOKE INSERT ON token.audit FROM \(TokenSchema.role)")
      await #expect(throws: PostgresError.self) { _ = try await service.createToken(for: ada, key: "key") }
      await #expect(throws: PostgresError.self) { try await service.deleteToken(token.accessToken.id, for: ada) }
      await #expect(throws: PostgresError.self) { try await service.createAccount("eve@example.com") }
      await #expect(throws: PostgresError.self) { _ = try await service.signIn("ada@example.com") }
      _ = try await service.owner.execute("GRANT INSERT ON token.audit TO \(TokenSchema.role)")
      #expect(try await service.listTokens(for: ada).accessTokens == [token.accessToken])
      _ = try await service.principal(secret: token.secret)
      #expect(try await service.count("SELECT count(*) FROM token.sign_in") == 1)
      #expect(try await service.count("SELECT count(*) FROM token.session") == 1)
      #expect(try await service.count("SELECT count(*) FROM token.credential") == 2)
      #expect(try await service.createToken(for: ada, key: "key").secretAlreadyShown == false)
    }
  }

  @Test("The day of the last use is recorded and only moves forward")
  func lastUse() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let used = try await service.createToken("used", for: ada)
      _ = try await service.createToken("unused", for: ada)
      for _ in 0..<3 { _ = try await service.lookUp(used.secret) }
      #expect(try await service.listTokens(for: ada).accessTokens.allSatisfy { !$0.hasLastUseTime })
      try await service.maintenance.flush()
      let tokens = try await service.listTokens(for: ada).accessTokens
      let day = try #require(tokens.first { $0.name == "used" }).lastUseTime
      #expect(day.nanos == 0 && day.seconds % 86_400 == 0)
      #expect(abs(day.seconds - used.accessToken.createTime.seconds) <= 2 * 86_400)
      #expect(tokens.first { $0.name == "unused" }?.hasLastUseTime == false)

      _ = try await service.owner.execute(
        "UPDATE token.access_token SET last_use_day = '2999-12-31' WHERE name = 'used'")
      _ = try await service.lookUp(used.secret)
      try await service.maintenance.flush()
      #expect(try await service.count("SELECT count(*) FROM token.access_token WHERE last_use_day = '2999-12-31'") == 1)
    }
  }

  @Test("A use of a token that is being changed keeps neither the change nor other uses waiting")
  func useDuringChange() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let changing = try await service.createToken("changing", for: ada)
      let other = try await service.createToken("other", for: ada)
      for token in [changing, other] { _ = try await service.lookUp(token.secret) }
      try await service.owner.transaction { transaction in
        let locked = try await transaction.query(
          "SELECT FROM token.access_token WHERE access_token_id = $1 FOR UPDATE", .text(changing.accessToken.id))
        #expect(locked.count == 1)
        try await service.maintenance.flush()
      }
      let used = try await service.owner.query("SELECT name FROM token.access_token WHERE last_use_day IS NOT NULL")
      #expect(try used.map { try $0.decode(0, as: String.self) } == ["other"])
    }
  }

  @Test("A sweep waits for no session that is being ended, and removes the others that have expired")
  func sweepDuringChange() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      _ = try await service.signIn("ada@example.com")
      _ = try await service.owner.execute("UPDATE token.session SET expire_time = now() - interval '1 s'")
      try await service.owner.transaction { transaction in
        let locked = try await transaction.query(
          "SELECT FROM token.session WHERE session_id = $1 FOR UPDATE", .text(ada.credentialID))
        #expect(locked.count == 1)
        try await service.store.sweep()
      }
      let left = try await service.owner.query("SELECT session_id FROM token.session")
      #expect(try left.map { try $0.decode(0, as: String.self) } == [ada.credentialID])
    }
  }

  @Test("However much has expired since the last sweep, one removes all of it, a bounded number at a time")
  func sweep() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      for number in 0..<5 {
        _ = try await service.signIn("ada@example.com")
        let id = try await service.createToken(for: ada, key: "\(number)").accessToken.id
        try await service.rotateToken(id, for: ada, grace: 60)
      }
      for sql in [
        "UPDATE token.session SET expire_time = now() - interval '1 s'",
        "UPDATE token.credential SET expire_time = now() - interval '1 s' WHERE is_previous OR kind <> 'access_token'",
        "UPDATE token.idempotency SET create_time = now() - interval '31 days'",
      ] { _ = try await service.owner.execute(sql) }
      try await service.store.sweep(limit: 2)
      #expect(try await service.count("SELECT count(*) FROM token.session") == 0)
      #expect(try await service.count("SELECT count(*) FROM token.idempotency") == 0)
      #expect(try await service.count("SELECT count(*) FROM token.credential WHERE expire_time < now()") == 0)
      #expect(try await service.count("SELECT count(*) FROM token.credential") == 5)
    }
  }

  @Test("A look-up takes 32 bytes, and an unknown hash is an empty answer")
  func lookUps() async throws {
    try await TokenServiceFixture.run { service async throws in
      for count in [0, 31, 33] {
        var request = Temporis_Token_V1_LookupCredentialRequest()
        request.secretSha256.append(contentsOf: [UInt8](repeating: 0, count: count))
        await service.expect(.invalidArgument, field: "secret_sha256") {
          _ = try await service.credentials.lookupCredential(request: request, context: .test)
        }
      }
      #expect(try await service.lookUp(Secret(kind: .accessToken).revealed).hasCredential == false)
      #expect(try await service.verdict(Secret(kind: .accessToken).revealed) == .invalid)
      #expect(try await service.verdict("abc") == .invalid)
      #expect(try await service.verifier.verify(authorization: "", permission: nil) == .missing)
    }
  }

  @Test("A database that cannot be used is a fault and never a verdict")
  func outage() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let secret = try await service.createToken(for: ada).secret
      await service.database.close()
      await service.expect(.unavailable) { _ = try await service.verdict(secret) }
      await service.expect(.unavailable) { _ = try await service.lookUp(secret) }
      await service.expect(.unavailable) { _ = try await service.signIn("ada@example.com") }
      await service.expect(.unavailable) { _ = try await service.listTokens(for: ada) }
      await service.expect(.unavailable) {
        _ = try await service.getToken("tok_" + String(repeating: "0", count: 22), for: ada)
      }
    }
  }

  @Test("Outages do not use up an address's sign-in attempts")
  func outageAndThrottle() async throws {
    try await TokenServiceFixture.run { service in
      await service.database.close()
      for _ in 0..<20 { await service.expect(.unavailable) { _ = try await service.signIn("ada@example.com") } }
    }
  }

  @Test("Migrating again changes nothing")
  func migration() async throws {
    try await TokenServiceFixture.run { service async throws in
      #expect(try await TokenSchema.migrate(service.owner).isEmpty)
    }
  }
}

extension [UInt8] {
  fileprivate var hexadecimal: String {
    map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
