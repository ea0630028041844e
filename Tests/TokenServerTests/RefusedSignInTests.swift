import Postgres
import ServiceKit
import TemporisAPI
import Testing
import TokenDomain
import TokenServer

/// How sign-ins are limited, and what the account's owner sees of them.
@Suite struct RefusedSignInTests {
  /// Tries a wrong password, and expects this refusal.
  private func fail(
    _ service: TokenServiceFixture, _ email: String, from client: String? = nil,
    _ reason: ServiceError.Reason = .signInFailed, sourceLocation: SourceLocation = #_sourceLocation
  ) async {
    await service.expect(reason, sourceLocation: sourceLocation) {
      _ = try await service.signIn(email, password: "wrong password", from: client)
    }
  }

  private func refusals(
    _ service: TokenServiceFixture, of principal: Principal
  ) async throws -> [String: Temporis_Token_V1_AuditRecord] {
    let records = try await service.listAudit(for: principal).auditRecords.filter { $0.action.hasPrefix("sign_in") }
    return Dictionary(records.map { ($0.action, $0) }) { one, _ in one }
  }

  @Test("Wrong passwords and throttled tries are counted in one record an hour each, for those who have an account")
  func counting() async throws {
    try await TokenServiceFixture.run(throttle: SignInThrottle(firstDelay: .seconds(60))) { service in
      let ada = try await service.principal("Ada@example.com")
      let eve = try await service.principal("eve@example.com")
      for _ in 0..<10 { await fail(service, "ADA@example.com") }
      for _ in 0..<3 { await fail(service, "ada@example.com", .rateLimited) }
      for _ in 0..<10 { await fail(service, "nobody@example.com") }
      await fail(service, "nobody@example.com", .rateLimited)
      #expect(try await refusals(service, of: ada).isEmpty)
      try await service.accounts.refusals.flush()

      let first = try await refusals(service, of: ada)
      #expect(first.mapValues(\.count) == ["sign_in.refuse": 10, "sign_in.throttle": 3])
      #expect(first.values.allSatisfy { $0.actorID == ada.accountID && $0.subjectID == ada.accountID })
      #expect(try await refusals(service, of: eve).isEmpty)
      #expect(try await service.count("SELECT count(*) FROM token.audit WHERE action LIKE 'sign_in.%'") == 2)

      await fail(service, "ada@example.com", .rateLimited)
      await fail(service, "eve@example.com")
      for _ in 0..<2 { try await service.accounts.refusals.flush() }
      let second = try await refusals(service, of: ada)
      #expect(second.mapValues(\.count) == ["sign_in.refuse": 10, "sign_in.throttle": 4])
      #expect(second["sign_in.throttle"]?.id == first["sign_in.throttle"]?.id)
      #expect(second["sign_in.throttle"]?.createTime == first["sign_in.throttle"]?.createTime)
      #expect(try await refusals(service, of: eve).mapValues(\.count) == ["sign_in.refuse": 1])
    }
  }

  @Test("The next hour has a record of its own")
  func hours() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      await fail(service, "ada@example.com")
      try await service.accounts.refusals.flush()
      _ = try await service.owner.execute(
        """
        UPDATE token.audit SET hour = hour - interval '1 hour', create_time = create_time - interval '1 hour'
        WHERE hour IS NOT NULL
        """)
      await fail(service, "ada@example.com")
      try await service.accounts.refusals.flush()
      let records = try await service.listAudit(for: ada).auditRecords.filter { $0.action == "sign_in.refuse" }
      #expect(records.map(\.count) == [1, 1])
      #expect(
        try await service.count(
          "SELECT count(*) FROM token.audit WHERE hour = date_trunc('hour', create_time, 'UTC')") == 2)
    }
  }

  @Test("A right password of a suspended account is a refusal, a right one of any other is none")
  func suspended() async throws {
    try await TokenServiceFixture.run { service in
      let ada = try await service.principal("ada@example.com")
      _ = try await service.owner.execute("UPDATE token.account SET suspend_time = now()")
      await service.expect(.signInFailed) { _ = try await service.signIn("ada@example.com") }
      _ = try await service.owner.execute("UPDATE token.account SET suspend_time = NULL")
      _ = try await service.signIn("ada@example.com")
      try await service.accounts.refusals.flush()
      #expect(try await refusals(service, of: ada).mapValues(\.count) == ["sign_in.refuse": 1])
    }
  }

  @Test("Many addresses at once are counted, each for itself")
  func manyAddresses() async throws {
    try await TokenServiceFixture.run { service in
      var principals: [Principal] = []
      for number in 0..<5 { principals.append(try await service.principal("ada\(number)@example.com")) }
      for (number, _) in principals.enumerated() {
        for _ in 0...number { await fail(service, "ada\(number)@example.com") }
      }
      try await service.accounts.refusals.flush()
      for (number, principal) in principals.enumerated() {
        #expect(try await refusals(service, of: principal).mapValues(\.count) == ["sign_in.refuse": Int64(number + 1)])
      }
    }
  }

  @Test("A stranger's wrong passwords keep the owner out of the stranger's network alone")
  func fairness() async throws {
    try await TokenServiceFixture.run(throttle: SignInThrottle(firstDelay: .seconds(60))) { service in
      try await service.createAccount("ada@example.com")
      for _ in 0..<10 { await fail(service, "ada@example.com", from: "192.0.2.1") }
      await fail(service, "ada@example.com", from: "192.0.2.1", .rateLimited)
      // One subscriber's addresses are one network.
      for number in 1...10 { await fail(service, "ada@example.com", from: "2001:db8::\(number)") }
      await fail(service, "ada@example.com", from: "2001:db8::ffff", .rateLimited)
      _ = try await service.signIn("ada@example.com", from: "192.0.2.2")
      _ = try await service.signIn("ada@example.com", from: "2001:db8:0:1::1")
      // Callers of unknown address are one network as well.
      _ = try await service.signIn("ada@example.com")
    }
  }

  @Test("A network that fails at many addresses reads that it is the network's fault")
  func network() async throws {
    let throttle = SignInThrottle<ClientAddress?>(clientRate: AttemptRate(burst: 3, interval: .seconds(60)))
    try await TokenServiceFixture.run(throttle: throttle) { service in
      try await service.createAccount("ada@example.com")
      for number in 0..<3 { await fail(service, "\(number)@example.com", from: "192.0.2.1") }
      do {
        _ = try await service.signIn("ada@example.com", from: "192.0.2.1")
        Issue.record("the sign-in was not refused")
      } catch let error as ServiceError {
        #expect(error.reason == .rateLimited)
        #expect(error.message == "Too many failed sign-ins from this network.")
        #expect(try #require(error.retryAfter) > .seconds(50))
      }
      _ = try await service.signIn("ada@example.com", from: "192.0.2.2")
    }
  }

  @Test("While many networks try an address, the one that has signed in before still can")
  func familiarNetwork() async throws {
    let throttle = SignInThrottle<ClientAddress?>(addressRate: AttemptRate(burst: 5, interval: .seconds(600)))
    try await TokenServiceFixture.run(throttle: throttle) { service in
      try await service.createAccount("ada@example.com")
      _ = try await service.signIn("ada@example.com", from: "192.0.2.1")
      for number in 1...5 { await fail(service, "ada@example.com", from: "198.51.100.\(number)") }
      await fail(service, "ada@example.com", from: "198.51.100.6", .rateLimited)
      for _ in 0..<3 { _ = try await service.signIn("ada@example.com", from: "192.0.2.1") }
      await service.expect(.rateLimited) { _ = try await service.signIn("ada@example.com", from: "192.0.2.2") }
    }
  }
}
