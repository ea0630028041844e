import Dispatch
import GRPCCore
import Postgres
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing
import TokenDomain
import TokenServer

@Suite struct AccountTests {
  @Test("An account has a typed id, its address as it was given, and an audit record")
  func creation() async throws {
    try await TokenServiceFixture.run { service in
      let account = try await service.createAccount("Ada@Example.com")
      #expect(account.id.wholeMatch(of: try Regex("acct_[0-9A-Za-z]{22}")) != nil)
      #expect(account.email == "Ada@Example.com")
      #expect(account.createTime.seconds > 1_700_000_000)
      #expect(
        try await service.count(
          "SELECT count(*) FROM token.audit WHERE account_id = $1 AND action = 'account.create'", .text(account.id))
          == 1)
    }
  }

  @Test("An address has one account, whatever its case")
  func duplicates() async throws {
    try await TokenServiceFixture.run { service in
      try await service.createAccount("ada@example.com")
      await service.expect(.accountExists) { try await service.createAccount("ADA@example.com") }
      #expect(try await service.count("SELECT count(*) FROM token.account") == 1)
      #expect(try await service.count("SELECT count(*) FROM token.audit") == 1)
    }
  }

  @Test("Addresses and passwords that break a rule are refused and nothing is stored")
  func rules() async throws {
    try await TokenServiceFixture.run { service in
      for email in ["", "ada", "a@b@c", "a b@c", String(repeating: "a", count: 254) + "@b", "a\0@b"] {
        await service.expect(.invalidArgument, field: "email") { try await service.createAccount(email) }
      }
      for password in ["", "1234567", String(repeating: "x", count: 257)] {
        await service.expect(.invalidArgument, field: "password") {
          try await service.createAccount("a@b", password: password)
        }
      }
      await service.expect(.invalidArgument, field: "idempotency_key") {
        try await service.createAccount("a@b", key: String(repeating: "k", count: 256))
      }
      #expect(try await service.count("SELECT count(*) FROM token.sign_in") == 0)
      try await service.createAccount("a@b", password: String(repeating: "x", count: 256))
      try await service.createAccount("c@d", password: "1234567\0")
    }
  }

  @Test("The same idempotency key answers the same account, to who knows the password")
  func idempotency() async throws {
    try await TokenServiceFixture.run { service in
      let first = try await service.createAccount("ada@example.com", key: "one")
      #expect(try await service.createAccount("Ada@example.com", key: "one").id == first.id)
      await service.expect(.accountExists) { try await service.createAccount("ada@example.com", key: "two") }
      await service.expect(.accountExists) { try await service.createAccount("ada@example.com") }
      await service.expect(.idempotencyKeyReused) {
        try await service.createAccount("ada@example.com", password: "another password", key: "one")
      }
      #expect(try await service.createAccount("eve@example.com", key: "one").id != first.id)
    }
  }

  @Test("Signing in gives a session that acts for the account")
  func signIn() async throws {
    try await TokenServiceFixture.run { service in
      let account = try await service.createAccount("ada@example.com")
      let session = try await service.signIn("ADA@example.com")
      #expect(session.secret.wholeMatch(of: try Regex("tss_[0-9A-Za-z]{49}")) != nil)
      #expect(session.account.id == account.id)
      #expect(abs(session.expireTime.seconds - account.createTime.seconds - 3_600) < 60)
      let principal = try await service.principal(secret: session.secret)
      #expect(principal.accountID == account.id)
      #expect(principal.kind == .dashboardSession)
      #expect(principal.permissions == [.ingest, .predict])
      let read = try await Principal.$current.withValue(principal) {
        try await service.accounts.getAccount(request: .init(), context: .test)
      }
      #expect(read.account == account)
    }
  }

  @Test("A wrong password and an unknown address are refused alike")
  func signInFailures() async throws {
    try await TokenServiceFixture.run { service in
      try await service.createAccount("ada@example.com")
      var errors: Set<ServiceError> = []
      for (email, password) in [
        ("ada@example.com", "wrong password"), ("eve@example.com", TokenServiceFixture.password),
        ("ada@example.com", ""), ("ada@example.com", TokenServiceFixture.password + " "),
        ("no address", "wrong password"),
        ("", ""), ("ada@example.com", TokenServiceFixture.password.uppercased()),
      ] {
        await #expect(throws: ServiceError.self) {
          do {
            _ = try await service.signIn(email, password: password)
          } catch let error as ServiceError {
            errors.insert(error)
            throw error
          }
        }
      }
      #expect(errors == [ServiceError(.signInFailed)])
      #expect(try await service.count("SELECT count(*) FROM token.session") == 0)
    }
  }

  @Test("After ten failures in a row an address has to wait, even with the right password; others do not")
  func throttle() async throws {
    try await TokenServiceFixture.run(throttle: SignInThrottle(firstDelay: .seconds(60))) { service in
      try await service.createAccount("ada@example.com")
      try await service.createAccount("eve@example.com")
      for _ in 0..<10 {
        await service.expect(.signInFailed) {
          _ = try await service.signIn("ada@example.com", password: "wrong password")
        }
      }
      do {
        _ = try await service.signIn("Ada@example.com")
        Issue.record("the sign-in was not refused")
      } catch let error as ServiceError {
        #expect(error.reason == .rateLimited)
        #expect(error.message == "Too many failed sign-ins for this address.")
        #expect(try #require(error.retryAfter) > .seconds(50))
      }
      _ = try await service.signIn("eve@example.com")
    }
  }

  @Test("Attempts at the same time are counted like attempts in a row")
  func parallelAttempts() async throws {
    try await TokenServiceFixture.run(throttle: SignInThrottle(firstDelay: .seconds(60))) { service in
      try await service.createAccount("ada@example.com")
      let tried = await withTaskGroup(of: ServiceError.Reason?.self) { group in
        for _ in 0..<30 {
          group.addTask {
            do {
              _ = try await service.signIn("ada@example.com", password: "wrong password")
              return nil
            } catch {
              return (error as? ServiceError)?.reason
            }
          }
        }
        return await group.reduce(into: [ServiceError.Reason?]()) { $0.append($1) }
      }
      #expect(tried.filter { $0 == .signInFailed }.count == 10)
      #expect(tried.filter { $0 == .rateLimited }.count == 20)
    }
  }

  @Test("The owner signs in however the same characters of the address and the password are composed")
  func normalization() async throws {
    try await TokenServiceFixture.run { service in
      let composed = (email: "\u{E5}sa@ex\u{E4}mple.com", password: "sm\u{F6}rg\u{E5}s och kaffe")
      let decomposed = (email: "A\u{30A}sa@exa\u{308}mple.com", password: "smo\u{308}rga\u{30A}s\u{A0}och\u{3000}kaffe")
      let ids = try await [
        service.createAccount(composed.email, password: composed.password).id,
        service.signIn(composed.email, password: composed.password).account.id,
        service.signIn(decomposed.email, password: decomposed.password).account.id,
      ]
      #expect(Set(ids).count == 1)
      await service.expect(.accountExists) { try await service.createAccount(decomposed.email) }
    }
  }

  @Test("Who finds the queue full reads that, has lost no attempt of the address, and is let in afterwards")
  func fullQueue() async throws {
    let threads = HashingThreads(count: 1, queueLimit: 1, clientLimit: 1)
    let throttle = SignInThrottle<ClientAddress?>(freeAttempts: 1, firstDelay: .seconds(60))
    try await TokenServiceFixture.run(throttle: throttle, threads: threads) { service in
      try await service.createAccount("ada@example.com")
      try await withThrowingTaskGroup(of: Void.self) { group in
        let isOver = DispatchSemaphore(value: 0)
        defer { isOver.signal() }
        for (number, purpose) in [HashingPurpose.signIn, .signIn, .signUp].enumerated() {
          group.addTask {
            try await threads.run(for: purpose, of: nil) {
              isOver.wait()
              isOver.signal()
            }
          }
          try await eventually { threads.load == (running: 1, waiting: number) }
        }
        let signIn = await #expect(throws: ServiceError.self) { _ = try await service.signIn("ada@example.com") }
        #expect(signIn?.reason == .rateLimited)
        #expect(signIn?.message == "Too many sign-ins at the moment.")
        #expect(signIn?.retryAfter != nil)
        let signUp = await #expect(throws: ServiceError.self) { try await service.createAccount("eve@example.com") }
        #expect(signUp?.reason == .rateLimited)
        #expect(signUp?.message == "Too many new passwords at the moment.")
      }
      _ = try await service.signIn("ada@example.com")
    }
  }

  @Test("Signing out ends that session at once, and no other")
  func signOut() async throws {
    try await TokenServiceFixture.run { service in
      try await service.createAccount("ada@example.com")
      let ended = try await service.signIn("ada@example.com").secret
      let other = try await service.signIn("ada@example.com").secret
      let principal = try await service.principal(secret: ended)
      for _ in 0..<2 {
        try await service.signOut(principal)
        #expect(try await service.verdict(ended) == .invalid)
      }
      #expect(try await service.lookUp(ended).hasCredential == false)
      _ = try await service.principal(secret: other)
      #expect(try await service.count("SELECT count(*) FROM token.audit WHERE action = 'session.delete'") == 1)
      #expect(try await service.revoked() == [principal.credentialID])
    }
  }

  @Test("A session ends by itself, and what is left of it is swept away")
  func sessionExpiry() async throws {
    try await TokenServiceFixture.run { service in
      try await service.createAccount("ada@example.com")
      let expired = try await service.signIn("ada@example.com").secret
      for table in ["session", "credential"] {
        _ = try await service.owner.execute("UPDATE token.\(table) SET expire_time = now() - interval '1 millisecond'")
      }
      let valid = try await service.signIn("ada@example.com").secret
      #expect(try await service.verdict(expired) == .invalid)
      try await service.store.sweep()
      #expect(try await service.count("SELECT count(*) FROM token.session") == 1)
      #expect(try await service.count("SELECT count(*) FROM token.credential") == 1)
      _ = try await service.principal(secret: valid)
    }
  }

  @Test("A suspended account can do nothing until it is taken back")
  func suspension() async throws {
    try await TokenServiceFixture.run { service in
      let secret = try await service.createToken(for: try await service.principal("ada@example.com")).secret
      _ = try await service.owner.execute("UPDATE token.account SET suspend_time = now()")
      #expect(try await service.verdict(secret) == .invalid)
      await service.expect(.signInFailed) { _ = try await service.signIn("ada@example.com") }
      _ = try await service.owner.execute("UPDATE token.account SET suspend_time = NULL")
      _ = try await service.principal(secret: secret)
    }
  }
}
