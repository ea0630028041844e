import Postgres
import ServiceKit
import TemporisAPI
import TestSupport
import Testing
import TokenDomain
import TokenServer

@Suite struct PasswordChangeTests {
  private static let new = "battery staple correct"

  @Test("After a change the new password signs in, the old one does not, and of the sessions only the new one works")
  func change() async throws {
    try await TokenServiceFixture.run { service in
      try await service.createAccount("Ada@example.com")
      let current = try await service.session("ada@example.com")
      let other = try await service.session("ada@example.com")
      let another = try await service.session("ada@example.com")
      let token = try await service.createToken(for: current.principal).secret
      let changed = try await service.changePassword(to: Self.new, for: current.principal, client: "192.0.2.1")

      for session in [current, other, another] {
        #expect(try await service.verdict(session.secret) == .invalid)
        #expect(try await service.lookUp(session.secret).hasCredential == false)
      }
      let new = try await service.principal(secret: changed.secret)
      _ = try await service.principal(secret: token)
      let sessions = try await service.listSessions(for: new).sessions
      #expect(sessions.map(\.id) == [new.credentialID])
      #expect(sessions.map(\.clientAddress) == ["192.0.2.1"])
      #expect(sessions.map(\.expireTime) == [changed.expireTime])
      #expect(try await service.revoked() == [current, other, another].map(\.principal.credentialID).sorted())
      let account = current.principal.accountID
      let records = try await service.listAudit(for: new).auditRecords.prefix(2)
      #expect(records.map(\.action) == ["session.create", "password.change"])
      #expect(records.map(\.actorID) == [account, current.principal.credentialID])
      #expect(records.map(\.subjectID) == [new.credentialID, account])
      await service.expect(.signInFailed) { _ = try await service.signIn("ada@example.com") }
      #expect(try await service.signIn("ada@example.com", password: Self.new).account.id == account)
    }
  }

  @Test("A change without other sessions ends the own one alone, and can be made again with the new one")
  func aloneAndAgain() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let changed = try await service.changePassword(to: Self.new, for: ada)
      #expect(try await service.revoked() == [ada.credentialID])
      let again = try await service.principal(secret: changed.secret)
      try await service.changePassword(from: Self.new, to: TokenServiceFixture.password, for: again)
      _ = try await service.signIn("ada@example.com")
      await service.expect(.signInFailed) { _ = try await service.signIn("ada@example.com", password: Self.new) }
    }
  }

  @Test("A change by a session that somebody has ended meanwhile is refused, and nothing changes")
  func endedCaller() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let other = try await service.session("ada@example.com")
      try await service.endSession(ada.credentialID, for: other.principal)
      await service.expect(.accessTokenInvalid) { try await service.changePassword(to: Self.new, for: ada) }
      _ = try await service.principal(secret: other.secret)
      _ = try await service.signIn("ada@example.com")
      #expect(try await service.revoked() == [ada.credentialID])
      #expect(try await service.count("SELECT count(*) FROM token.audit WHERE action = 'password.change'") == 0)
    }
  }

  @Test("After a change the key that created the account answers it no more, and to try it is no failed sign-in")
  func creationKey() async throws {
    try await TokenServiceFixture.run { service in
      try await service.createAccount("ada@example.com", key: "one")
      let ada = try await service.session("ada@example.com").principal
      try await service.changePassword(to: Self.new, for: ada)
      for password in [TokenServiceFixture.password, Self.new] {
        await service.expect(.accountExists) {
          try await service.createAccount("ada@example.com", password: password, key: "one")
        }
      }
      try await service.accounts.refusals.flush()
      #expect(try await service.count("SELECT count(*) FROM token.audit WHERE action LIKE 'sign_in.%'") == 0)
    }
  }

  @Test("A wrong current password and a new one that breaks the rule are refused, and nothing changes")
  func refusals() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let eve = try await service.principal("eve@example.com")
      try await service.changePassword(to: "eve's new password", for: eve)
      let other = try await service.session("ada@example.com").secret
      let revoked = try await service.revoked()
      for new in ["", "1234567", String(repeating: "x", count: 257)] {
        await service.expect(.invalidArgument, field: "new_password") {
          try await service.changePassword(to: new, for: ada)
        }
      }
      for current in ["", "wrong", "wrong password", "eve's new password", TokenServiceFixture.password + " "] {
        await service.expect(.signInFailed) {
          try await service.changePassword(from: current, to: Self.new, for: ada)
        }
      }
      _ = try await service.principal(secret: other)
      _ = try await service.signIn("ada@example.com")
      #expect(try await service.revoked() == revoked)
      #expect(
        try await service.count(
          "SELECT count(*) FROM token.audit WHERE action = 'password.change' AND account_id = $1", .text(ada.accountID))
          == 0)
    }
  }

  @Test("Wrong current passwords have to wait, apart from failed sign-ins, and are in the audit records")
  func throttle() async throws {
    try await TokenServiceFixture.run(throttle: SignInThrottle(firstDelay: .seconds(60))) { service in
      let ada = try await service.principal("ada@example.com")
      // What a stranger does in the same network.
      for _ in 0..<10 {
        await service.expect(.signInFailed) {
          _ = try await service.signIn("ada@example.com", password: "wrong password", from: "192.0.2.1")
        }
      }
      await service.expect(.rateLimited) { _ = try await service.signIn("ada@example.com", from: "192.0.2.1") }
      let changed = try await service.changePassword(to: Self.new, for: ada, client: "192.0.2.1")

      let thief = try await service.principal(secret: changed.secret)
      for _ in 0..<10 {
        await service.expect(.signInFailed) {
          try await service.changePassword(from: "wrong password", to: Self.new, for: thief, client: "192.0.2.1")
        }
      }
      let error = await #expect(throws: ServiceError.self) {
        _ = try await service.changePassword(
          from: Self.new, to: "another new password", for: thief, client: "192.0.2.1")
      }
      #expect(error?.reason == .rateLimited && error?.retryAfter != nil)
      #expect(error?.message == "Too many wrong passwords in this session.")
      // From elsewhere the owner may, and signs in.
      _ = try await service.signIn("ada@example.com", password: Self.new, from: "192.0.2.2")
      try await service.changePassword(from: Self.new, to: "another new password", for: thief, client: "192.0.2.2")
      try await service.accounts.refusals.flush()
      let records = try await service.listAudit(for: ada).auditRecords
      #expect(records.first { $0.action == "sign_in.refuse" }?.count == 10)
      #expect(records.first { $0.action == "sign_in.throttle" }?.count == 1)
      let refused = records.filter { $0.action == "password.refuse" }
      #expect(refused.map(\.count) == [10])
      #expect(refused.map(\.actorID) == [thief.credentialID] && refused.map(\.subjectID) == [ada.accountID])
    }
  }

  @Test("Wrong current passwords are counted in one record an hour for each session, also those that break the rule")
  func refusalCounts() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let other = try await service.session("ada@example.com").principal
      for (principal, password) in [(ada, "wrong password"), (ada, "short"), (other, "wrong password")] {
        for _ in 0..<2 {
          await service.expect(.signInFailed) {
            try await service.changePassword(from: password, to: Self.new, for: principal)
          }
        }
        try await service.accounts.refusals.flush()
      }
      let records = try await service.listAudit(for: ada).auditRecords.filter { $0.action == "password.refuse" }
      #expect(
        Dictionary(records.map { ($0.actorID, $0.count) }, uniquingKeysWith: +)
          == [ada.credentialID: 4, other.credentialID: 2])
    }
  }

  @Test("A sign-in whose password was changed after it was checked, and before its session was made, is refused")
  func lateSignIn() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let signIn = try await service.owner.transaction { transaction in
        // What a change of the password does first, and holds until its commit.
        try await transaction.execute("UPDATE token.sign_in SET password_hash = sha256('another')")
        let signIn = Task { try await service.signIn("ada@example.com") }
        try await service.waitForLockWait()
        return signIn
      }
      await service.expect(.signInFailed) { _ = try await signIn.value }
      #expect(try await service.listSessions(for: ada).sessions.map(\.id) == [ada.credentialID])
      #expect(try await service.count("SELECT count(*) FROM token.credential") == 1)
    }
  }

  @Test("A change waits for a session that is being made, and ends it")
  func earlySignIn() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let change = try await service.owner.transaction { transaction in
        // What a sign-in does that was a little faster.
        _ = try await transaction.query("SELECT FROM token.sign_in FOR SHARE")
        try await transaction.execute(
          """
          INSERT INTO token.session (account_id, session_id, expire_time)
          VALUES ($1, 'ses_early', now() + interval '1 hour')
          """, .text(ada.accountID))
        let change = Task { try await service.changePassword(to: Self.new, for: ada) }
        try await service.waitForLockWait()
        return change
      }
      let new = try await service.principal(secret: try await change.value.secret)
      #expect(try await service.listSessions(for: new).sessions.map(\.id) == [new.credentialID])
      let revoked = try await service.revoked()
      #expect(Set(revoked) == ["ses_early", ada.credentialID])
    }
  }

  @Test("However sign-ins and a change come together, no session that the old password opened is left")
  func manySignIns() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      let secrets = try await withThrowingTaskGroup(of: String?.self) { group in
        for number in 0..<24 {
          group.addTask {
            if number == 12 { try await service.changePassword(to: Self.new, for: ada) }
            return try? await service.signIn("ada@example.com", from: "192.0.2.\(number)").secret
          }
        }
        return try await group.reduce(into: [String]()) { secrets, secret in
          if let secret { secrets.append(secret) }
        }
      }
      for secret in secrets { #expect(try await service.verdict(secret) == .invalid) }
      // The one that the change has opened.
      #expect(try await service.listSessions(for: ada).sessions.map(\.current) == [false])
    }
  }

  @Test("Of two changes at once with the same current password one is made")
  func twoChanges() async throws {
    try await TokenServiceFixture.run { service in
      let one = try await service.principal("ada@example.com")
      let other = try await service.session("ada@example.com").principal
      let passwords = ["the first new password", "the other new password"]
      let changes = try await service.owner.transaction { transaction in
        _ = try await transaction.query("SELECT FROM token.sign_in FOR UPDATE")
        let changes = zip([one, other], passwords).map { principal, password in
          Task { try await service.changePassword(to: password, for: principal) }
        }
        try await service.waitForLockWait()
        // Both have seen the same hash by then.
        try await service.settle()
        return changes
      }
      var made: [String] = []
      for (change, password) in zip(changes, passwords) {
        do {
          _ = try await change.value
          made.append(password)
        } catch let error as ServiceError {
          #expect(error.reason == .signInFailed)
        }
      }
      #expect(made.count == 1)
      for password in passwords + [TokenServiceFixture.password] {
        let isRight = (try? await service.signIn("ada@example.com", password: password)) != nil
        #expect(isRight == made.contains(password))
      }
      #expect(try await service.count("SELECT count(*) FROM token.audit WHERE action = 'password.change'") == 1)
    }
  }

  @Test("A change is answered once no verifier accepts the sessions that it ends")
  func waiting() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      _ = try await service.signIn("ada@example.com")
      let session = try await service.registered()
      let change = PendingChange {
        try await service.changePassword(to: Self.new, for: ada)
        return RevocationReceipt(revision: 0, duration: .zero, confirmations: 0)
      }
      try await eventually { try await service.lease(session)?.floor == 2 }
      #expect(!change.isAnswered)
      try await service.acknowledge(session)
      _ = try await change.receipt()
    }
  }
}
