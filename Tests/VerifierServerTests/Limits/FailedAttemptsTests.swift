import ServiceKit
import TestSupport
import Testing
import TokenDomain
import VerifierServer

@Suite(.timeLimit(.minutes(5))) struct FailedAttemptsTests {
  private let now = ContinuousClock.now
  private let client = ClientAddress("192.0.2.1")
  private let other = ClientAddress("192.0.2.2")

  @Test("A client may fail a minute's attempts at once, and then as many a minute, and is told how long to wait")
  func limit() throws {
    let attempts = FailedAttempts(perMinute: 60)
    for _ in 0..<60 {
      try attempts.check(client, at: now)
      attempts.note(client, at: now)
    }
    let error = #expect(throws: ServiceError.self) { try attempts.check(client, at: now) }
    #expect(error?.reason == .rateLimited)
    #expect(error?.retryAfter == .seconds(1))
    try attempts.check(other, at: now)
    try attempts.check(nil, at: now)
    #expect(throws: ServiceError.self) { try attempts.check(client, at: now + .milliseconds(999)) }
    try attempts.check(client, at: now + .milliseconds(1_001))
    attempts.note(client, at: now + .milliseconds(1_001))
    #expect(throws: ServiceError.self) { try attempts.check(client, at: now + .milliseconds(1_002)) }
    // An hour's patience is worth no more than a minute's.
    for _ in 0..<60 { attempts.note(client, at: now + .seconds(3_600)) }
    #expect(throws: ServiceError.self) { try attempts.check(client, at: now + .seconds(3_600)) }
  }

  @Test("Attempts that were under way at once are all counted")
  func overdraft() throws {
    let attempts = FailedAttempts(perMinute: 60)
    for _ in 0..<120 { attempts.note(client, at: now) }
    let error = #expect(throws: ServiceError.self) { try attempts.check(client, at: now + .seconds(60)) }
    #expect(error?.retryAfter == .seconds(1))
  }

  @Test("A limit of 0 is none, and clients that are not known are not limited")
  func off() throws {
    let (none, some) = (FailedAttempts(perMinute: 0), FailedAttempts(perMinute: 1))
    for _ in 0..<1_000 {
      none.note(client, at: now)
      some.note(nil, at: now)
    }
    try none.check(client, at: now)
    try some.check(nil, at: now)
    #expect(none.count == 0 && some.count == 0)
  }

  @Test("A bounded number of clients is remembered, those that failed last")
  func bound() throws {
    let attempts = FailedAttempts(perMinute: 1, capacity: 100)
    for number in 0..<10_000 {
      attempts.note(ClientAddress("10.1.\(number / 250).\(number % 250)"), at: now)
      attempts.note(client, at: now)
      #expect(attempts.count <= 102)
    }
    #expect(throws: ServiceError.self) { try attempts.check(client, at: now) }
    #expect(throws: ServiceError.self) { try attempts.check(ClientAddress("10.1.39.249"), at: now) }
    try attempts.check(ClientAddress("10.1.0.0"), at: now)
  }

  @Test("Over the limit nothing is looked up for a client, what is cached is answered, and others go on")
  func verifying() async throws {
    // One attempt comes back in a minute, which the test does not take.
    let fixture = VerifierFixture(attempts: 1)
    let (cached, uncached) = (fixture.create("tok_1"), fixture.create("tok_2"))
    #expect(try await fixture.verify(cached).isValid)
    let tried = Secret(kind: .accessToken)
    #expect(try await fixture.verify(tried) == .invalid)
    let asked = fixture.source.asked.count
    for secret in [uncached, Secret(kind: .accessToken)] {
      let error = await #expect(throws: ServiceError.self) { try await fixture.verify(secret) }
      #expect(error?.reason == .rateLimited)
      #expect(error?.retryAfter.map { $0 > .zero && $0 <= .seconds(60) } == true)
    }
    #expect(try await fixture.verify(cached).isValid)
    #expect(try await fixture.verify(tried) == .invalid)
    #expect(fixture.source.asked.count == asked)
    let header = "Bearer \(uncached.revealed)"
    #expect(try await fixture.verifier.verify(authorization: header, permission: nil, client: other).isValid)
    // It is cached now.
    #expect(try await fixture.verify(uncached).isValid)
  }

  @Test("Calls that wait for the same unknown token fail once, and known tokens, stopped ones too, not at all")
  func counting() async throws {
    let fixture = VerifierFixture(attempts: 2)
    let stopped = fixture.create("tok_1", state: .stopped)
    #expect(try await fixture.verify(stopped) == .invalid)
    fixture.source.hold()
    let unknown = Secret(kind: .accessToken)
    let calls = (0..<20).map { _ in Task { try await fixture.verify(unknown) } }
    try await eventually { fixture.verifier.lookups.joined == 19 }
    fixture.source.release()
    for call in calls { #expect(try await call.value == .invalid) }
    #expect(try await fixture.verify(Secret(kind: .accessToken)) == .invalid)
    await #expect(throws: ServiceError.self) { try await fixture.verify(Secret(kind: .accessToken)) }
  }
}
