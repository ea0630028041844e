import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing
import TokenDomain
import TokenServer

/// What a look-up answers, and against which state of the log.
@Suite struct CredentialLookUpTests {
  @Test("A look-up tells the log's end with every answer, found or not")
  func position() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let token = try await service.createToken(for: ada).secret
      for _ in 0..<2 {
        let end = try await service.end()
        for secret in [token, Secret(kind: .accessToken).revealed] {
          let answer = try await service.lookUp(secret)
          #expect(answer.hasCredential == (secret == token))
          #expect(answer.hasPosition)
          #expect(answer.position.revision == end.revision && answer.position.tag == end.tag)
        }
        try await service.appendRevision()
      }
    }
  }

  @Test("What is stopped is found and said to be, and what has expired is not found")
  func states() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken(for: ada, lifetime: 3_600)
      func look(after sql: String) async throws -> Temporis_Token_V1_LookupCredentialResponse {
        _ = try await service.owner.execute(sql)
        return try await service.lookUp(created.secret)
      }
      let found = try await service.lookUp(created.secret).credential
      #expect(found.state == .active)
      #expect((3_500...3_600).contains(found.remainingLifetime.seconds))
      let disabled = try await look(after: "UPDATE token.credential SET stop_time = now() WHERE kind = 'access_token'")
      #expect(disabled.credential.state == .stopped && disabled.credential.credentialID == created.accessToken.id)
      #expect(try await service.verdict(created.secret) == .invalid)
      #expect(try await look(after: "UPDATE token.credential SET stop_time = NULL").credential.state == .active)
      #expect(
        try await look(after: "UPDATE token.account SET suspend_time = now()").credential.state == .stopped)
      #expect(try await look(after: "UPDATE token.account SET suspend_time = NULL").credential.state == .active)
      #expect(
        try await !look(after: "UPDATE token.credential SET expire_time = now() WHERE kind = 'access_token'")
          .hasCredential)
    }
  }

  @Test("A refused use is not noted as one")
  func refusedUse() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let token = try await service.createToken(for: ada).secret
      _ = try await service.owner.execute("UPDATE token.credential SET stop_time = now() WHERE kind = 'access_token'")
      _ = try await service.lookUp(token)
      try await service.maintenance.flush()
      #expect(try await service.count("SELECT count(*) FROM token.access_token WHERE last_use_day IS NULL") == 1)
    }
  }

  @Test("Of many accounts, a look-up under several peppers reads a row of each index and no whole table")
  func plan() async throws {
    try await TokenServiceFixture.run { service in
      _ = try await service.owner.execute(
        "INSERT INTO token.account (account_id, email) SELECT 'acct_' || n, '' FROM generate_series(1, 2000) n")
      _ = try await service.owner.execute(
        """
        INSERT INTO token.credential (secret_hash, pepper_version, kind, account_id, credential_id, permissions)
        SELECT sha256(n::text::bytea), 1, 'access_token', 'acct_' || n, 'tok_' || n, '{}'
        FROM generate_series(1, 2000) n
        """)
      _ = try await service.owner.execute("ANALYZE token.account, token.credential, token.revocation")
      for count in [1, 2, 3, 64, 192] {
        let types = Array(repeating: "bytea", count: count).joined(separator: ", ")
        let values = (1...count).map { "sha256('\($0)')" }.joined(separator: ", ")
        let plan = try await TestCluster.shared().sql(
          """
          SET plan_cache_mode = force_generic_plan;
          PREPARE look_up (\(types)) AS \(TokenStore.lookUpStatement(hashes: count));
          EXPLAIN (COSTS OFF) EXECUTE look_up (\(values))
          """, database: try await service.databaseName())
        #expect(plan.contains("credential_pkey") && plan.contains("account_pkey"), "\(plan)")
        #expect(!plan.contains("Seq Scan on account") && !plan.contains("Seq Scan on credential"), "\(plan)")
      }
    }
  }

  @Test("Previous secrets are removed once they have expired")
  func sweeping() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      for name in ["current", "previous", "expired"] { _ = try await service.createToken(name, for: ada) }
      _ = try await service.owner.execute(
        """
        UPDATE token.credential c SET is_previous = t.name <> 'current',
          expire_time = now() + CASE t.name WHEN 'previous' THEN interval '1 day' ELSE interval '-1 day' END
        FROM token.access_token t WHERE t.access_token_id = c.credential_id
        """)
      try await service.store.sweep()
      let left = try await service.owner.query(
        """
        SELECT t.name FROM token.access_token t JOIN token.credential c ON t.access_token_id = c.credential_id
        ORDER BY 1
        """)
      #expect(try left.map { try $0.decode(0, as: String.self) } == ["current", "previous"])
    }
  }
}
