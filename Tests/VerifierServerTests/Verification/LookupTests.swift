import GRPCNghttp2Transport
import ServiceKit
import TestSupport
import Testing
import TokenDomain
import VerifierServer

/// How calls look up what is not cached, together and against the log.
@Suite(.timeLimit(.minutes(5))) struct LookupTests {
  @Test("Calls that come while a token is looked up wait for that, and none looks it up again")
  func singleFlight() async throws {
    let fixture = VerifierFixture()
    let secret = fixture.create()
    fixture.source.hold()
    let calls = (0..<100).map { _ in Task { try await fixture.verify(secret) } }
    try await eventually { fixture.verifier.lookups.joined == 99 }
    #expect(fixture.verifier.lookups.begun == 1)
    fixture.source.release()
    for call in calls { #expect(try await call.value.isValid) }
    #expect(fixture.source.asked.count == 1)
  }

  @Test("A fault is that of all who wait for the look-up, and the next call looks up anew")
  func sharedFault() async throws {
    let fixture = VerifierFixture()
    let secret = fixture.create()
    fixture.source.fault = ServiceError(.unavailable)
    fixture.source.hold()
    let calls = (0..<10).map { _ in Task { try await fixture.verify(secret) } }
    try await eventually { fixture.verifier.lookups.joined == 9 && fixture.source.heldCount == 1 }
    fixture.source.fault = nil
    fixture.source.release()
    for call in calls { await #expect(throws: ServiceError.self) { try await call.value } }
    #expect(try await fixture.verify(secret).isValid)
  }

  @Test("Who began a look-up may give up: the others get its answer, and so does the cache")
  func abandonment() async throws {
    let fixture = VerifierFixture()
    let secret = fixture.create()
    fixture.source.hold()
    let first = Task { try await fixture.verify(secret) }
    try await eventually { fixture.source.heldCount == 1 }
    let second = Task { try await fixture.verify(secret) }
    try await eventually { fixture.verifier.lookups.joined == 1 }
    first.cancel()
    await #expect(throws: CancellationError.self) { try await first.value }
    let late = ContinuousClock.now + .milliseconds(200)
    await #expect(throws: ServiceError.self) {
      try await CallDeadline.$current.withValue(late) { try await fixture.verify(secret) }
    }
    fixture.source.release()
    #expect(try await second.value.isValid)
    #expect(try await fixture.verify(secret).isValid)
    #expect(fixture.source.asked.count == 1)
    // Nor does a look-up end with the time of who began it.
    let other = fixture.create("tok_2")
    _ = try await CallDeadline.$current.withValue(.now + .seconds(60)) { try await fixture.verify(other) }
    #expect(fixture.source.deadlines == [nil, nil])
  }

  @Test("What all have given up is kept when it comes")
  func unattended() async throws {
    let fixture = VerifierFixture()
    let secret = fixture.create()
    fixture.source.hold()
    let call = Task { try await fixture.verify(secret) }
    try await eventually { fixture.source.heldCount == 1 }
    call.cancel()
    await #expect(throws: CancellationError.self) { try await call.value }
    fixture.source.release()
    try await eventually { fixture.credentials.usage.known == 1 }
    #expect(try await fixture.verify(secret).isValid)
    #expect(fixture.source.asked.count == 1)
  }

  @Test("There is a most of look-ups at a time, beyond which a call fails at once")
  func bound() async throws {
    var limits = CachingVerifier.Limits.test
    limits.lookups = 2
    let fixture = VerifierFixture(limits: limits)
    let secrets = (0..<3).map { fixture.create("tok_\($0)") }
    fixture.source.hold()
    let calls = secrets.prefix(2).map { secret in Task { try await fixture.verify(secret) } }
    try await eventually { fixture.source.asked.count == 2 }
    let error = await #expect(throws: ServiceError.self) { try await fixture.verify(secrets[2]) }
    #expect(error?.reason == .unavailable)
    fixture.source.release()
    for call in calls { #expect(try await call.value.isValid) }
    #expect(try await fixture.verify(secrets[2]).isValid)
  }

  @Test("What is to be looked up while questions are on their way is asked for together")
  func together() async throws {
    let fixture = VerifierFixture()
    let secrets = (0..<150).map { fixture.create("tok_\($0)") }
    fixture.source.hold()
    let calls = secrets.map { secret in Task { try await fixture.verify(secret) } }
    try await eventually { fixture.source.asked.count == 150 }
    fixture.source.release()
    for call in calls { #expect(try await call.value.isValid) }
    #expect(Set(fixture.source.asked).count == 150)
    #expect(fixture.source.questions.allSatisfy { $0.count <= CredentialLookup.limit })
    // As many as find nothing on its way, and one for each while that all others hang.
    #expect(fixture.source.questions.count < 75)
  }

  @Test("Questions that hang keep no other waiting")
  func hanging() async throws {
    let fixture = VerifierFixture()
    fixture.source.hold()
    var hanging: [Task<Verdict, any Error>] = []
    for number in 1...5 {
      let secret = fixture.create("tok_\(number)")
      hanging.append(Task { try await fixture.verify(secret) })
      try await eventually { fixture.source.heldCount == number }
    }
    fixture.source.pass()
    #expect(try await fixture.verify(fixture.create("tok_9")).isValid)
    #expect(fixture.source.heldCount == 5)
    fixture.source.release()
    for call in hanging { #expect(try await call.value.isValid) }
  }

  @Test("A credential that can't be told is a fault of those who want it, not of others who are asked for with it")
  func ownFault() async throws {
    let fixture = VerifierFixture()
    let secrets = (0..<20).map { fixture.create("tok_\($0)") }
    fixture.source.fail(SecretHash(secrets[7]), with: ServiceError(.unavailable))
    fixture.source.hold()
    let calls = secrets.map { secret in Task { try await fixture.verify(secret) } }
    try await eventually { fixture.source.asked.count == 20 }
    fixture.source.release()
    for (number, call) in calls.enumerated() {
      if number == 7 {
        await #expect(throws: ServiceError.self) { try await call.value }
      } else {
        #expect(try await call.value.isValid)
      }
    }
  }

  @Test("A look-up that is ahead of the log waits until that is applied")
  func ahead() async throws {
    let fixture = VerifierFixture()
    let secret = fixture.create()
    let entry = fixture.source.commit(.credential("tok_9"))
    let call = Task { try await fixture.verify(secret) }
    try await eventually { fixture.source.asked.count == 1 }
    fixture.apply(entry)
    #expect(try await call.value.isValid)
    #expect(fixture.source.asked.count == 1)
  }

  @Test("A look-up that stays ahead of the log is no answer")
  func behind() async throws {
    var limits = CachingVerifier.Limits.test
    limits.patience = .milliseconds(500)
    let fixture = VerifierFixture(limits: limits)
    let secret = fixture.create()
    _ = fixture.source.commit(.credential("tok_9"))
    // Again where the machine was so busy that the time was over before the look-up was.
    try await eventually {
      let error = await #expect(throws: ServiceError.self) { try await fixture.verify(secret) }
      #expect(error?.reason == .unavailable)
      return error?.message.contains("revocation log") == true
    }
  }

  @Test("A token that is deleted while it is looked up is looked up again", arguments: [1, 20])
  func superseded(calls count: Int) async throws {
    let fixture = VerifierFixture()
    let secret = fixture.create()
    fixture.source.hold()
    let calls = (0..<count).map { _ in Task { try await fixture.verify(secret) } }
    try await eventually { fixture.verifier.lookups.joined == count - 1 && fixture.source.heldCount == 1 }
    fixture.change(.credential("tok_1"), secret)
    fixture.source.release(holdingOthers: true)
    // Together: whoever asked later might come between the answer's arrival and the cache.
    try await eventually { fixture.verifier.lookups.joined == 2 * (count - 1) && fixture.source.heldCount == 1 }
    fixture.source.release()
    for call in calls { #expect(try await call.value == .invalid) }
    #expect(fixture.source.asked.count == 2)
  }

  @Test("What was looked up before the session was registered anew is looked up again")
  func newSession() async throws {
    let fixture = VerifierFixture()
    let secret = fixture.create()
    fixture.source.hold()
    let call = Task { try await fixture.verify(secret) }
    try await eventually { fixture.source.heldCount == 1 }
    _ = fixture.source.commit(.credential("tok_1"), SecretHash(secret))
    fixture.register(lease: .seconds(3_600))
    fixture.source.release()
    #expect(try await call.value == .invalid)
    #expect(fixture.source.asked.count == 2)
  }

  @Test("A token whose look-ups never count is an error after a few")
  func rounds() async throws {
    let fixture = VerifierFixture()
    let secret = fixture.create()
    fixture.source.position = LogPosition(revision: 0, tag: 7)
    let error = await #expect(throws: ServiceError.self) { try await fixture.verify(secret) }
    #expect(error?.reason == .unavailable)
    #expect(fixture.source.asked.count == 4)
    #expect(fixture.credentials.usage.known == 0)
  }
}
