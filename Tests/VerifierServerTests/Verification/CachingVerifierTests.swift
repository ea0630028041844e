import GRPCNghttp2Transport
import ServiceKit
import TestSupport
import Testing
import TokenDomain
import VerifierServer

@Suite(.timeLimit(.minutes(5))) struct CachingVerifierTests {
  @Test("A token is looked up once, and then answered from the cache with every permission in turn")
  func caching() async throws {
    let fixture = VerifierFixture()
    let secret = fixture.create(permissions: [.predict])
    let principal = Credential.test().principal
    for _ in 0..<3 {
      #expect(try await fixture.verify(secret) == .valid(principal))
      #expect(try await fixture.verify(secret, .predict) == .valid(principal))
      #expect(try await fixture.verify(secret, .ingest) == .permissionDenied(principal))
    }
    #expect(fixture.source.asked == [SecretHash(secret)])
    #expect(fixture.credentials.usage.hits == 8)
  }

  @Test("An unknown token is looked up once, and INVALID each time")
  func unknown() async throws {
    let fixture = VerifierFixture()
    let secret = Secret(kind: .accessToken)
    for _ in 0..<3 { #expect(try await fixture.verify(secret) == .invalid) }
    #expect(fixture.source.asked.count == 1)
  }

  @Test("A stopped token is INVALID, and works again once a revision has named it")
  func stopped() async throws {
    let fixture = VerifierFixture()
    let secret = fixture.create(state: .stopped)
    for _ in 0..<3 { #expect(try await fixture.verify(secret) == .invalid) }
    #expect(fixture.source.asked.count == 1)
    fixture.change(.credential("tok_1"), secret, to: .test())
    #expect(try await fixture.verify(secret).isValid)
    fixture.change(.account("acct_1"), secret, to: .test(state: .stopped))
    #expect(try await fixture.verify(secret) == .invalid)
  }

  @Test("A token is INVALID from its end on, without being looked up again")
  func expiry() async throws {
    let fixture = VerifierFixture()
    let secret = fixture.create(lifetime: .milliseconds(300))
    let start = ContinuousClock.now
    let verdict = try await fixture.verify(secret)
    #expect(verdict.isValid || ContinuousClock.now >= start + .milliseconds(300))
    // It was asked for before this, from when its lifetime counts.
    let end = ContinuousClock.now + .milliseconds(300)
    try await eventually { ContinuousClock.now > end }
    #expect(try await fixture.verify(secret) == .invalid)
    #expect(fixture.source.asked.count == 1)
  }

  @Test("A session's secret is no access token's, whatever the look-up finds")
  func kinds() async throws {
    let fixture = VerifierFixture()
    let secret = Secret(kind: .accessToken)
    fixture.source[SecretHash(secret)] = .test("ses_1", kind: .dashboardSession)
    for _ in 0..<2 { #expect(try await fixture.verify(secret) == .invalid) }
  }

  @Test("A credential with long ids is verified, looked up each time")
  func longIDs() async throws {
    let fixture = VerifierFixture()
    let id = String(repeating: "x", count: 40)
    let secret = fixture.create(id, lifetime: .seconds(3_600))
    let expired = fixture.create(id, lifetime: .zero)
    for _ in 0..<2 {
      #expect(try await fixture.verify(secret) == .valid(Credential.test(id).principal))
      #expect(try await fixture.verify(secret, .ingest) == .permissionDenied(Credential.test(id).principal))
      #expect(try await fixture.verify(expired) == .invalid)
    }
    #expect(fixture.source.asked.count == 6)
  }

  @Test("A header that can't hold a token, or holds none of ours, needs neither a lease nor a look-up")
  func lookless() async throws {
    let fixture = VerifierFixture(lease: nil)
    for header in ["", "Basic x", "Bearer a b"] {
      #expect(try await fixture.verifier.verify(authorization: header, permission: .predict) == .missing)
    }
    for header in ["Bearer abc", "Bearer ts_", "Bearer \(Secret(kind: .accessToken).revealed)x"] {
      #expect(try await fixture.verifier.verify(authorization: header, permission: .predict) == .invalid)
    }
    #expect(fixture.source.asked.isEmpty)
  }

  @Test("A fault of the look-up is an error, is not kept, and is over when the source answers again")
  func faults() async throws {
    let fixture = VerifierFixture()
    let secret = fixture.create()
    fixture.source.fault = ServiceError(.unavailable, "out of order")
    for _ in 0..<2 {
      let error = await #expect(throws: ServiceError.self) { try await fixture.verify(secret) }
      #expect(error?.message == "out of order")
    }
    fixture.source.fault = nil
    #expect(try await fixture.verify(secret).isValid)
  }

  @Test("On another day a token is looked up once more, so that its use is noted, and answered even if that fails")
  func useDay() async throws {
    // The day ends in a tenth of a second.
    let fixture = VerifierFixture(time: { 86_400 * 100 - 0.1 })
    let start = ContinuousClock.now
    let secret = fixture.create()
    #expect(try await fixture.verify(secret).isValid)
    try await eventually { ContinuousClock.now > start + .milliseconds(500) }
    fixture.source.fault = ServiceError(.unavailable)
    #expect(try await fixture.verify(secret).isValid)
    #expect(fixture.source.asked.count == 2)
    fixture.source.fault = nil
    fixture.source[SecretHash(secret)] = nil
    #expect(try await fixture.verify(secret) == .invalid)
    #expect(fixture.source.asked.count == 3)
  }

  @Test("What a revision names is not answered by the cache although the look-up of another day fails")
  func revokedUseDay() async throws {
    let fixture = VerifierFixture(time: { 86_400 * 100 - 0.1 })
    let start = ContinuousClock.now
    let secret = fixture.create()
    #expect(try await fixture.verify(secret).isValid)
    try await eventually { ContinuousClock.now > start + .milliseconds(500) }
    fixture.change(.credential("tok_1"), secret)
    fixture.source.fault = ServiceError(.unavailable)
    await #expect(throws: ServiceError.self) { try await fixture.verify(secret) }
  }
}
