import GRPCNghttp2Transport
import ServiceKit
import TestSupport
import Testing
import TokenDomain
import VerifierServer

/// No lease, no VALID.
@Suite(.timeLimit(.minutes(5))) struct LeaseWaitTests {
  @Test("Without a lease nothing cached is answered, and the error says why", arguments: [true, false])
  func noLease(isRegistered: Bool) async throws {
    let fixture = VerifierFixture(lease: .seconds(3_600))
    let (secret, unknown) = (fixture.create(), Secret(kind: .accessToken))
    #expect(try await fixture.verify(secret).isValid)
    #expect(try await fixture.verify(unknown) == .invalid)
    if isRegistered {
      fixture.register(lease: .milliseconds(1), asked: .now - .seconds(1))
    } else if let session = fixture.credentials.sessionID {
      fixture.credentials.end(session)
    }
    for secret in [secret, unknown] {
      let error = await #expect(throws: ServiceError.self) {
        try await CallDeadline.within(.milliseconds(200)) { try await fixture.verify(secret) }
      }
      #expect(error?.reason == .unavailable)
      #expect(error?.message.contains(isRegistered ? "run out" : "not registered") == true)
    }
    #expect(fixture.source.asked.count == 2)
  }

  @Test("A call waits for the lease to be renewed, and is answered then")
  func renewal() async throws {
    let fixture = VerifierFixture(lease: nil)
    let secret = fixture.create()
    fixture.register(lease: .milliseconds(1), asked: .now - .seconds(1))
    let call = Task { try await fixture.verify(secret) }
    let renewal = try #require(fixture.credentials.renewal(at: .now))
    fixture.credentials.renewed(renewal, .behind)
    #expect(fixture.source.asked.isEmpty)
    fixture.credentials.renewed(renewal, .extended(.seconds(3_600)))
    #expect(try await call.value.isValid)
  }

  @Test("A call waits for a registration, and is answered then")
  func registration() async throws {
    let fixture = VerifierFixture(lease: nil)
    let secret = fixture.create()
    let calls = (0..<20).map { _ in Task { try await fixture.verify(secret) } }
    fixture.register(lease: .seconds(3_600))
    for call in calls { #expect(try await call.value.isValid) }
  }

  @Test("A call waits no longer than its caller, and hears the reason")
  func deadline() async throws {
    let fixture = VerifierFixture(lease: nil)
    let secret = fixture.create()
    let deadline = ContinuousClock.now + .seconds(2)
    let error = await #expect(throws: ServiceError.self) {
      try await CallDeadline.$current.withValue(deadline) { try await fixture.verify(secret) }
    }
    #expect(error?.reason == .unavailable)
  }

  @Test("A call that is cancelled waits no longer")
  func cancellation() async throws {
    let fixture = VerifierFixture(lease: nil)
    let secret = fixture.create()
    let call = Task { try await fixture.verify(secret) }
    call.cancel()
    await #expect(throws: CancellationError.self) { try await call.value }
  }

  @Test("A lease that ends while a call looks up does not make its answer wrong: it was read under the lease")
  func leaseEndsMeanwhile() async throws {
    let fixture = VerifierFixture()
    let secret = fixture.create()
    fixture.source.hold()
    let call = Task { try await fixture.verify(secret) }
    try await eventually { fixture.source.heldCount == 1 }
    let session = try #require(fixture.credentials.sessionID)
    fixture.credentials.end(session)
    fixture.source.release()
    // Without a session the look-up can't be judged: it is done again under the next lease.
    fixture.register(lease: .seconds(3_600))
    #expect(try await call.value.isValid)
  }
}
