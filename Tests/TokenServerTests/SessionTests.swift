import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing
import TokenDomain
import TokenServer

/// Where an account is signed in, and how its owner ends that.
@Suite struct SessionTests {
  /// Begins a call whose answer tells no receipt.
  private func pending(_ call: @escaping @Sendable () async throws -> Void) -> PendingChange {
    PendingChange {
      try await call()
      return RevocationReceipt(revision: 0, duration: .zero, confirmations: 0)
    }
  }

  @Test("The sessions of an account are listed, newest first, with where they signed in and which one asks")
  func listing() async throws {
    try await TokenServiceFixture.run { service in
      try await service.createAccount("ada@example.com")
      let eve = try await service.principal("eve@example.com")
      let first = try await service.session("ada@example.com", from: "192.0.2.1")
      let second = try await service.session("ada@example.com", from: "2001:db8:1:2:3::4")
      let third = try await service.session("ada@example.com")
      let sessions = try await service.listSessions(for: second.principal).sessions
      #expect(sessions.map(\.id) == [third, second, first].map(\.principal.credentialID))
      #expect(sessions.map(\.clientAddress) == ["", "2001:db8:1:2::", "192.0.2.1"])
      #expect(sessions.map(\.current) == [false, true, false])
      let form = try Regex("ses_[0-9A-Za-z]{22}")
      #expect(sessions.allSatisfy { $0.id.wholeMatch(of: form) != nil })
      #expect(sessions.allSatisfy { $0.expireTime.seconds - $0.createTime.seconds == 3_600 })
      #expect(try await service.listSessions(for: eve).sessions.map(\.id) == [eve.credentialID])

      _ = try await service.owner.execute(
        "UPDATE token.session SET expire_time = now() WHERE session_id = $1", .text(first.principal.credentialID))
      #expect(try await service.listSessions(for: second.principal).sessions.count == 2)
    }
  }

  @Test("The sessions come page by page, each once, and no account sees another's")
  func pagination() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let eve = try await service.principal("eve@example.com")
      for _ in 0..<6 { _ = try await service.signIn("ada@example.com") }
      // Equal times must not lose or repeat a session at a page's edge.
      _ = try await service.owner.execute("UPDATE token.session SET create_time = '2026-01-01'")
      var pages: [[Temporis_Token_V1_Session]] = []
      var token = ""
      repeat {
        let answer = try await service.listSessions(for: ada, size: 3, page: token)
        pages.append(answer.sessions)
        token = answer.nextPageToken
        if !token.isEmpty {
          let others = try await service.listSessions(for: eve, page: token).sessions
          #expect(others.allSatisfy { $0.id == eve.credentialID })
        }
      } while !token.isEmpty
      #expect(pages.map(\.count) == [3, 3, 1])
      #expect(Set(pages.joined().map(\.id)).count == 7)
      #expect(pages.joined().filter(\.current).map(\.id) == [ada.credentialID])
    }
  }

  @Test("Another session of the account is ended, and its secret is refused from then on")
  func otherSession() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let lost = try await service.session("ada@example.com")
      let kept = try await service.session("ada@example.com")
      let id = lost.principal.credentialID
      try await service.endSession(id, for: ada)
      #expect(try await service.verdict(lost.secret) == .invalid)
      #expect(try await service.lookUp(lost.secret).hasCredential == false)
      _ = try await service.principal(secret: kept.secret)
      #expect(try await service.revoked() == [id])
      let ids = try await service.listSessions(for: ada).sessions.map(\.id)
      #expect(ids == [kept.principal.credentialID, ada.credentialID])
      await service.expect(.sessionNotFound) { try await service.endSession(id, for: ada) }
      let record = try #require(try await service.listAudit(for: ada).auditRecords.first)
      #expect(record.action == "session.delete" && record.actorID == ada.credentialID && record.subjectID == id)
      #expect(try await service.count("SELECT count(*) FROM token.audit WHERE action = 'session.delete'") == 1)
    }
  }

  @Test("One's own session may be named, and to end it twice is no error")
  func ownSession() async throws {
    try await TokenServiceFixture.run { service in
      try await service.createAccount("ada@example.com")
      let ada = try await service.session("ada@example.com")
      for _ in 0..<2 {
        try await service.endSession(ada.principal.credentialID, for: ada.principal)
        #expect(try await service.verdict(ada.secret) == .invalid)
      }
      #expect(try await service.count("SELECT count(*) FROM token.audit WHERE action = 'session.delete'") == 1)
    }
  }

  @Test("Another account's session, an access token and what can be no session's id are not found, and nothing ends")
  func strangers() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let eve = try await service.principal("eve@example.com")
      let token = try await service.createToken(for: eve)
      for id in [
        ada.credentialID, token.accessToken.id, "ses_", "ses_\0", ada.credentialID + "0",
        String(eve.credentialID.dropLast()), "ses_" + String(repeating: "0", count: 22), eve.accountID,
        "'; DROP TABLE token.session; --", String(repeating: "x", count: 100_000),
      ] {
        await service.expect(.sessionNotFound) { try await service.endSession(id, for: eve) }
      }
      #expect(try await service.count("SELECT count(*) FROM token.session") == 2)
      #expect(try await service.count("SELECT count(*) FROM token.credential") == 3)
      #expect(try await service.revoked().isEmpty)
    }
  }

  @Test("An access token ends no session and changes no password")
  func accessToken() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let token = try await service.principal(secret: try await service.createToken(for: ada).secret)
      await service.expect(.sessionRequired) { try await service.signOut(token) }
      await service.expect(.sessionRequired) { try await service.endSession(ada.credentialID, for: token) }
      await service.expect(.sessionRequired) { try await service.endSessions(keepingCurrent: true, for: token) }
      await service.expect(.sessionRequired) { try await service.changePassword(to: "battery staple", for: token) }
      #expect(try await service.count("SELECT count(*) FROM token.session") == 1)
    }
  }

  @Test(
    "Signing out everywhere ends every session, or every other one, and tokens work on", arguments: [true, false])
  func everywhere(isCurrentKept: Bool) async throws {
    try await TokenServiceFixture.run { service in
      try await service.createAccount("ada@example.com")
      let eve = try await service.principal("eve@example.com")
      let current = try await service.session("ada@example.com")
      var ended = isCurrentKept ? [] : [current]
      for _ in 0..<3 { ended.append(try await service.session("ada@example.com")) }
      let token = try await service.createToken(for: current.principal).secret
      try await service.endSessions(keepingCurrent: isCurrentKept, for: current.principal)
      for session in ended {
        #expect(try await service.verdict(session.secret) == .invalid)
        #expect(try await service.lookUp(session.secret).hasCredential == false)
      }
      if isCurrentKept { _ = try await service.principal(secret: current.secret) }
      _ = try await service.principal(secret: token)
      #expect(try await service.listSessions(for: eve).sessions.map(\.id) == [eve.credentialID])
      #expect(try await service.count("SELECT count(*) FROM token.session") == (isCurrentKept ? 2 : 1))
      #expect(try await service.revoked() == ended.map(\.principal.credentialID).sorted())
      let record = try #require(try await service.listAudit(for: current.principal).auditRecords.first)
      #expect(record.action == "session.delete_all" && record.actorID == current.principal.credentialID)
      #expect(record.subjectID == current.principal.accountID)
    }
  }

  @Test("Without another session there is nothing to sign out of, and of one other only that one is looked up anew")
  func fewSessions() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      try await service.endSessions(keepingCurrent: true, for: ada)
      #expect(try await service.revoked().isEmpty)
      let other = try await service.session("ada@example.com").principal
      try await service.endSessions(keepingCurrent: true, for: ada)
      #expect(try await service.revoked() == [other.credentialID])
      #expect(try await service.count("SELECT count(*) FROM token.audit WHERE action = 'session.delete_all'") == 1)
    }
  }

  @Test("Up to a hundred ended sessions are looked up anew one by one, or else the account", arguments: [100, 101])
  func manySessions(count: Int) async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      try await service.insertSessions(count, of: ada.accountID)
      try await service.endSessions(keepingCurrent: true, for: ada)
      let revoked = try await service.revoked()
      if count > 100 { #expect(revoked == [ada.accountID]) } else { #expect(Set(revoked).count == count) }
      #expect(try await service.listSessions(for: ada).sessions.map(\.id) == [ada.credentialID])
    }
  }

  @Test("A session that has ended ends no other, though its call was on its way")
  func endedCaller() async throws {
    try await TokenServiceFixture.run { service in
      let thief = try await service.principal("ada@example.com")
      let other = try await service.session("ada@example.com").principal
      let owner = try await service.session("ada@example.com", endingOthers: true)
      for keepsCurrent in [true, false] {
        await service.expect(.accessTokenInvalid) {
          try await service.endSessions(keepingCurrent: keepsCurrent, for: thief)
        }
      }
      for id in [owner.principal.credentialID, other.credentialID] {
        await service.expect(.accessTokenInvalid) { try await service.endSession(id, for: thief) }
      }
      _ = try await service.principal(secret: owner.secret)
      #expect(try await service.revoked() == [thief, other].map(\.credentialID).sorted())
      #expect(try await service.count("SELECT count(*) FROM token.audit WHERE action = 'session.delete'") == 0)
    }
  }

  @Test("A sign-in ends all other sessions of its account if it is to, and nothing without the right password")
  func signInAlone() async throws {
    try await TokenServiceFixture.run { service in
      try await service.createAccount("ada@example.com")
      let ada = try await service.session("ada@example.com")
      let eve = try await service.principal("eve@example.com")
      let other = try await service.session("ada@example.com")
      let token = try await service.createToken(for: ada.principal).secret
      await service.expect(.signInFailed) {
        _ = try await service.signIn("ada@example.com", password: "wrong password", endingOthers: true)
      }
      _ = try await service.principal(secret: ada.secret)
      let new = try await service.session("ada@example.com", endingOthers: true)
      for session in [ada, other] {
        #expect(try await service.verdict(session.secret) == .invalid)
        #expect(try await service.lookUp(session.secret).hasCredential == false)
      }
      _ = try await service.principal(secret: token)
      #expect(try await service.listSessions(for: new.principal).sessions.map(\.id) == [new.principal.credentialID])
      #expect(try await service.listSessions(for: eve).sessions.map(\.id) == [eve.credentialID])
      #expect(try await service.revoked() == [ada, other].map(\.principal.credentialID).sorted())
      let account = new.principal.accountID
      let records = try await service.listAudit(for: new.principal).auditRecords.prefix(2)
      #expect(records.map(\.action) == ["session.create", "session.delete_all"])
      #expect(records.map(\.actorID) == [account, account])
      #expect(records.map(\.subjectID) == [new.principal.credentialID, account])
    }
  }

  @Test("A sign-in that ends the others is answered once no verifier accepts them")
  func waitingSignIn() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let session = try await service.registered()
      let change = pending { _ = try await service.signIn("ada@example.com", endingOthers: true) }
      try await eventually("the session is gone") { try await service.revoked() == [ada.credentialID] ? () : nil }
      try await service.settle()
      #expect(!change.isAnswered)
      try await service.acknowledge(session)
      _ = try await change.receipt()
    }
  }

  @Test("An account has at most a thousand sessions that work, unless a sign-in ends the others")
  func limit() async throws {
    try await TokenServiceFixture.run { service in
      let account = try await service.createAccount("ada@example.com").id
      try await service.insertSessions(1_000, of: account)
      let error = await #expect(throws: ServiceError.self) { _ = try await service.signIn("ada@example.com") }
      #expect(error?.reason == .quotaExceeded && error?.message == "An account may have at most 1000 sessions.")
      #expect(try await service.count("SELECT count(*) FROM token.session") == 1_000)
      #expect(try await service.count("SELECT count(*) FROM token.credential") == 0)
      _ = try await service.owner.execute(
        "UPDATE token.session SET expire_time = now() WHERE session_id = 'ses_0000000000000000000001'")
      _ = try await service.signIn("ada@example.com")
      await service.expect(.quotaExceeded) { _ = try await service.signIn("ada@example.com") }
      // Other accounts have as many of their own.
      _ = try await service.principal("eve@example.com")
      let new = try await service.session("ada@example.com", endingOthers: true).principal
      #expect(try await service.listSessions(for: new).sessions.map(\.id) == [new.credentialID])
      #expect(try await service.revoked() == [account])
    }
  }

  @Test("The end of sessions is answered once no verifier accepts them, also when it finds them ended")
  func waiting() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let other = try await service.session("ada@example.com").principal
      let session = try await service.registered()
      let first = pending { try await service.endSessions(keepingCurrent: true, for: ada) }
      try await eventually("the sessions are gone") {
        try await service.count("SELECT count(*) FROM token.session") == 1 ? () : nil
      }
      let changes = [
        first,
        pending {
          await service.expect(.sessionNotFound) { try await service.endSession(other.credentialID, for: ada) }
        },
        pending { try await service.endSessions(keepingCurrent: true, for: ada) },
      ]
      try await service.settle()
      #expect(changes.allSatisfy { !$0.isAnswered })
      try await service.acknowledge(session)
      for change in changes { _ = try await change.receipt() }
    }
  }

  @Test("Ends of one session and of all, in two replicas at once, are all made")
  func replicas() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let other = try service.replica()
      var ids: [String] = []
      for _ in 0..<12 { ids.append(try await service.session("ada@example.com").principal.credentialID) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for id in ids.shuffled() {
          // Whoever comes first ends it; the other finds it gone.
          group.addTask { _ = try? await service.endSession(id, for: ada) }
          group.addTask {
            _ = try await Principal.$current.withValue(ada) {
              try await other.accounts.deleteSessions(request: .with { $0.keepCurrent = true }, context: .test)
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await service.listSessions(for: ada).sessions.map(\.id) == [ada.credentialID])
      #expect(try await service.count("SELECT count(*) FROM token.credential") == 1)
    }
  }
}
