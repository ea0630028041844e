import Testing
import TokenDomain

@Suite struct VerifierRegistrationTests {
  private static let start = ContinuousClock.now
  private static let identity = CredentialIdentity(credentialID: "token", accountID: "account")
  private static let first = session(1)
  private static let second = session(2)

  private static func session(_ seed: UInt64) -> VerifierSessionID {
    var random = SimulationRandom(seed: seed)
    return VerifierSessionID(using: &random)
  }

  private static func time(_ milliseconds: Int) -> ContinuousClock.Instant {
    start + .milliseconds(milliseconds)
  }

  private static func position(_ revision: Int64) -> LogPosition {
    LogPosition(revision: revision, tag: UInt64(revision) + 100)
  }

  private static func entry(_ revision: Int64, _ subject: Revocation.Subject = .nothing) -> Revocation {
    Revocation(at: position(revision), of: subject)
  }

  /// A verifier that asked at 0 ms to be registered, and was, at revision 5 for 2 s.
  private static func registered() -> VerifierRegistration {
    var registration = VerifierRegistration()
    registration.register(as: first, at: time(0))
    let isTaken1 = registration.registered(first, at: position(5), lease: .seconds(2))
    #expect(isTaken1)
    return registration
  }

  // MARK: - Session

  @Test("A verifier that has just started has no lease, no place in the log, and judges nothing")
  func start() {
    var registration = VerifierRegistration()
    #expect(registration.sessionID == nil)
    #expect(registration.position == nil)
    #expect(registration.leaseEnd == nil)
    #expect(registration.renewal(at: Self.time(0)) == nil)
    #expect(!registration.hasLease(at: Self.time(0)))
    #expect(registration.standing(of: Self.identity, readAt: Self.position(0)) == .superseded)
    #expect(registration.receive(Self.entry(1), for: Self.first) == .none)
  }

  @Test("A registration begins at the log's end, with a lease that counts from the question")
  func registration() {
    let registration = Self.registered()
    #expect(registration.sessionID == Self.first)
    #expect(registration.position == Self.position(5))
    #expect(registration.leaseEnd == Self.time(1_900))
    #expect(registration.hasLease(at: Self.time(0)))
    #expect(registration.hasLease(at: Self.time(1_899)))
    #expect(!registration.hasLease(at: Self.time(1_900)))
  }

  @Test("Only the answer to the last registration counts, once, and only while none newer is asked for")
  func lateRegistrations() {
    var registration = VerifierRegistration()
    registration.register(as: Self.first, at: Self.time(0))
    registration.register(as: Self.second, at: Self.time(500))
    let isTaken2 = registration.registered(Self.first, at: Self.position(5), lease: .seconds(2))
    #expect(!isTaken2)
    #expect(registration.sessionID == nil)
    let isTaken3 = registration.registered(Self.second, at: Self.position(6), lease: .seconds(2))
    #expect(isTaken3)
    #expect(registration.leaseEnd == Self.time(2_400))
    let isTaken4 = registration.registered(Self.second, at: Self.position(7), lease: .seconds(9))
    #expect(!isTaken4)
    #expect(registration.position == Self.position(6))
  }

  @Test("A new registration ends the session before it at once")
  func registeringAnew() {
    var registration = Self.registered()
    registration.register(as: Self.second, at: Self.time(100))
    #expect(registration.sessionID == nil)
    #expect(!registration.hasLease(at: Self.time(100)))
    #expect(registration.standing(of: Self.identity, readAt: Self.position(5)) == .superseded)
  }

  @Test("A session ends when its own end is told, and no other's")
  func ending() {
    var registration = Self.registered()
    registration.end(Self.second)
    #expect(registration.sessionID == Self.first)
    registration.end(Self.first)
    #expect(registration.sessionID == nil)
    #expect(!registration.hasLease(at: Self.time(1)))
  }

  // MARK: - Lease

  @Test("A longer lease counts from its question, however late its answer comes, and none makes it shorter")
  func renewing() throws {
    var registration = Self.registered()
    let early = try #require(registration.renewal(at: Self.time(1_000)))
    let late = try #require(registration.renewal(at: Self.time(1_500)))
    registration.renewed(late, .extended(.seconds(2)))
    #expect(registration.leaseEnd == Self.time(3_400))
    registration.renewed(early, .extended(.seconds(2)))
    #expect(registration.leaseEnd == Self.time(3_400))
    #expect(!registration.hasLease(at: Self.time(3_400)))
  }

  @Test("A lease that is refused until the log is acknowledged stays as it is")
  func behind() throws {
    var registration = Self.registered()
    let renewal = try #require(registration.renewal(at: Self.time(1_000)))
    registration.renewed(renewal, .behind)
    #expect(registration.sessionID == Self.first)
    #expect(registration.leaseEnd == Self.time(1_900))
  }

  @Test("A lease that is refused for good ends the session")
  func ended() throws {
    var registration = Self.registered()
    let renewal = try #require(registration.renewal(at: Self.time(1_000)))
    registration.renewed(renewal, .ended)
    #expect(registration.sessionID == nil)
    #expect(!registration.hasLease(at: Self.time(1_001)))
  }

  @Test(
    "What is answered to an earlier session's question changes nothing",
    arguments: [.extended(.seconds(60)), .behind, .ended] as [VerifierRegistration.Outcome])
  func otherSessions(outcome: VerifierRegistration.Outcome) throws {
    var registration = Self.registered()
    let renewal = try #require(registration.renewal(at: Self.time(100)))
    registration.register(as: Self.second, at: Self.time(200))
    registration.renewed(renewal, outcome)
    #expect(registration.sessionID == nil)
    let isTaken5 = registration.registered(Self.second, at: Self.position(5), lease: .seconds(1))
    #expect(isTaken5)
    registration.renewed(renewal, outcome)
    #expect(registration.sessionID == Self.second)
    #expect(registration.leaseEnd == Self.time(1_150))
  }

  // MARK: - Log

  @Test("An entry that comes next is to be forgotten, what came before is not, and a gap reopens the stream")
  func receiving() {
    var registration = Self.registered()
    let subject = Revocation.Subject.credential("token")
    #expect(registration.receive(Self.entry(7, subject), for: Self.first) == .reopen)
    #expect(registration.position == Self.position(5))
    #expect(registration.receive(Self.entry(6, subject), for: Self.first) == .forget(subject))
    #expect(registration.position == Self.position(6))
    #expect(registration.receive(Self.entry(6, subject), for: Self.first) == .none)
    #expect(registration.receive(Self.entry(5, subject), for: Self.first) == .none)
    #expect(registration.position == Self.position(6))
  }

  @Test("An entry of another log reopens the stream, so that nothing after it is applied")
  func conflicts() {
    var registration = Self.registered()
    _ = registration.receive(Self.entry(6), for: Self.first)
    let other = Revocation(at: LogPosition(revision: 6, tag: 1), of: .credential("token"))
    #expect(registration.receive(other, for: Self.first) == .reopen)
    #expect(registration.position == Self.position(6))
  }

  @Test("What a stream of another session brings is ignored")
  func otherStreams() {
    var registration = Self.registered()
    #expect(registration.receive(Self.entry(6, .everything), for: Self.second) == .none)
    #expect(registration.receive(Self.entry(9, .everything), for: Self.second) == .none)
    #expect(registration.position == Self.position(5))
  }

  @Test("A look-up is judged by what the session has applied")
  func judging() {
    var registration = Self.registered()
    #expect(registration.standing(of: Self.identity, readAt: Self.position(4)) == .superseded)
    #expect(registration.standing(of: Self.identity, readAt: Self.position(5)) == .current)
    #expect(registration.standing(of: Self.identity, readAt: Self.position(6)) == .ahead)
    _ = registration.receive(Self.entry(6, .account("account")), for: Self.first)
    #expect(registration.standing(of: Self.identity, readAt: Self.position(5)) == .superseded)
    #expect(registration.standing(of: Self.identity, readAt: Self.position(6)) == .current)
  }

  // MARK: - Names

  @Test("A session's name travels as 16 bytes, and nothing else is one")
  func names() throws {
    let bytes = Self.first.bytes
    #expect(bytes.count == VerifierSessionID.byteCount)
    #expect(VerifierSessionID(bytes: bytes) == Self.first)
    #expect(VerifierSessionID(bytes: Array(0..<16))?.bytes == Array(0..<16))
    #expect(VerifierSessionID(bytes: bytes.dropLast()) == nil)
    #expect(VerifierSessionID(bytes: bytes + [0]) == nil)
    #expect(VerifierSessionID(bytes: []) == nil)
  }
}
