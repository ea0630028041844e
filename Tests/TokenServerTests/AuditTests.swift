import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing
import TokenDomain
import TokenServer

@Suite struct AuditTests {
  private struct Entry: Hashable {
    let action: String
    let actor: String
    let subject: String

    init(_ action: String, by actor: String, on subject: String) {
      self.action = action
      self.actor = actor
      self.subject = subject
    }

    init(_ record: Temporis_Token_V1_AuditRecord) {
      self.init(record.action, by: record.actorID, on: record.subjectID)
    }
  }

  @Test("Every change of an account has its record, newest first, by whom and to what")
  func records() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let leaver = try await service.principal(secret: try await service.signIn("ada@example.com").secret)
      let id = try await service.createToken(for: ada).accessToken.id
      try await service.updateToken(id, for: ada, "name", name: "laptop")
      try await service.updateToken(id, for: ada, "permissions", permissions: [.ingest])
      try await service.rotateToken(id, for: ada)
      try await service.disableToken(id, for: ada)
      try await service.enableToken(id, for: ada)
      try await service.deleteToken(id, for: ada)
      try await service.signOut(leaver)
      let records = try await service.listAudit(for: ada).auditRecords
      let account = ada.accountID
      #expect(
        records.map(Entry.init) == [
          Entry("session.delete", by: leaver.credentialID, on: leaver.credentialID),
          Entry("access_token.delete", by: ada.credentialID, on: id),
          Entry("access_token.enable", by: ada.credentialID, on: id),
          Entry("access_token.disable", by: ada.credentialID, on: id),
          Entry("access_token.rotate", by: ada.credentialID, on: id),
          Entry("access_token.update", by: ada.credentialID, on: id),
          Entry("access_token.update", by: ada.credentialID, on: id),
          Entry("access_token.create", by: ada.credentialID, on: id),
          Entry("session.create", by: account, on: leaver.credentialID),
          Entry("session.create", by: account, on: ada.credentialID),
          Entry("account.create", by: account, on: account),
        ])
      #expect(records.allSatisfy { $0.count == 1 && $0.hasCreateTime })
      let form = try Regex("aud_[0-9A-Za-z]{22}")
      #expect(records.allSatisfy { $0.id.wholeMatch(of: form) != nil })
    }
  }

  @Test("A change whose record cannot be written does not happen, and nothing has to be looked up again")
  func changeOrNothing() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let created = try await service.createToken(for: ada)
      let disabled = try await service.createToken(for: ada).accessToken.id
      try await service.disableToken(disabled, for: ada)
      let tokens = try await service.listTokens(for: ada).accessTokens
      let revoked = try await service.revoked()
      let id = created.accessToken.id
      _ = try await service.owner.execute("REVOKE INSERT ON token.audit FROM \(TokenSchema.role)")
      let calls: [() async throws -> Void] = [
        { try await service.updateToken(id, for: ada, "name", name: "new") },
        { try await service.updateToken(id, for: ada, "permissions", permissions: [.ingest]) },
        { try await service.rotateToken(id, for: ada, key: "key") },
        { try await service.disableToken(id, for: ada) },
        { try await service.enableToken(disabled, for: ada) },
        { try await service.deleteToken(id, for: ada) },
        { try await service.signOut(ada) },
        { try await service.endSessions(keepingCurrent: false, for: ada) },
        { try await service.changePassword(to: "battery staple", for: ada) },
        { _ = try await service.signIn("ada@example.com", endingOthers: true) },
      ]
      for call in calls { await #expect(throws: PostgresError.self) { try await call() } }
      #expect(try await service.listTokens(for: ada).accessTokens == tokens)
      #expect(try await service.revoked() == revoked)
      _ = try await service.principal(secret: created.secret)
      #expect(try await service.count("SELECT count(*) FROM token.session") == 1)
      #expect(try await service.count("SELECT count(*) FROM token.idempotency") == 0)
      _ = try await service.owner.execute("GRANT INSERT ON token.audit TO \(TokenSchema.role)")
      _ = try await service.signIn("ada@example.com")
      #expect(try await service.rotateToken(id, for: ada, key: "key").secretAlreadyShown == false)
    }
  }

  @Test("The records come page by page, each once, and no account sees another's")
  func pagination() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let eve = try await service.principal("eve@example.com")
      for number in 0..<5 { _ = try await service.createToken("\(number)", for: ada) }
      // Equal times must not lose or repeat a record at a page's edge.
      _ = try await service.owner.execute("UPDATE token.audit SET create_time = '2026-01-01'")
      var pages: [[Temporis_Token_V1_AuditRecord]] = []
      var token = ""
      repeat {
        let answer = try await service.listAudit(for: ada, size: 3, page: token)
        pages.append(answer.auditRecords)
        token = answer.nextPageToken
        // A page of one account's list is the same place in another's.
        if !token.isEmpty {
          let others = try await service.listAudit(for: eve, page: token).auditRecords
          #expect(others.allSatisfy { $0.actorID == eve.accountID || $0.actorID == eve.credentialID })
        }
      } while !token.isEmpty
      #expect(pages.map(\.count) == [3, 3, 1])
      #expect(Set(pages.joined().map(\.id)).count == 7)
      #expect(pages.joined().allSatisfy { $0.actorID == ada.accountID || $0.actorID == ada.credentialID })
      #expect(try await service.listAudit(for: eve).auditRecords.count == 2)
      for token in ["x", "eA==", "LTEgeA==", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5IHg="] {
        await service.expect(.invalidArgument) { _ = try await service.listAudit(for: ada, page: token) }
      }
      await service.expect(.invalidArgument) { _ = try await service.listAudit(for: ada, size: -1) }
      await service.expect(.accessTokenMissing) {
        _ = try await service.accounts.listAuditRecords(request: .init(), context: .test)
      }
    }
  }

  @Test("The service's role can count up, and neither rewrite nor remove what was done")
  func tamperProof() async throws {
    try await TokenServiceFixture.run { service in
      _ = try await service.principal("ada@example.com")
      for sql in [
        "UPDATE token.audit SET action = 'x'", "UPDATE token.audit SET actor_id = 'x'",
        "UPDATE token.audit SET subject_id = 'x'", "UPDATE token.audit SET create_time = now()",
        "UPDATE token.audit SET account_id = 'x'", "DELETE FROM token.audit", "TRUNCATE token.audit",
      ] {
        let error = await #expect(throws: PostgresError.self, "\(sql)") { _ = try await service.database.execute(sql) }
        #expect(error?.sqlState == .insufficientPrivilege, "\(sql)")
      }
    }
  }
}
