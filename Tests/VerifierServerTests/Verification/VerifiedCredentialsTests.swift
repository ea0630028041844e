import Synchronization
import Testing
import TokenDomain
import VerifierServer

@Suite struct VerifiedCredentialsTests {
  private let credentials = VerifiedCredentials(capacity: 10_000, wallClock: { 1_000_000 })
  private let now = ContinuousClock.now

  private static func position(_ revision: Int64, tag: UInt64? = nil) -> LogPosition {
    LogPosition(revision: revision, tag: tag ?? 1_000 + UInt64(revision))
  }

  @discardableResult
  private func register(at revision: Int64 = 5, lease: Duration = .seconds(2)) -> VerifierSessionID {
    let session = VerifierSessionID.random()
    credentials.register(as: session, at: now)
    #expect(credentials.registered(session, at: Self.position(revision), lease: lease))
    return session
  }

  private func entry(_ revision: Int64, _ subject: Revocation.Subject) -> Revocation {
    Revocation(at: Self.position(revision), of: subject)
  }

  private func hasLease(after time: Duration) -> Bool {
    credentials.hasLease(at: ClockTicks(now + time))
  }

  private func find(_ secret: Secret) -> CredentialCache.Finding {
    credentials.find(SecretHash(secret), at: ClockTicks(now))
  }

  private func admit(
    _ credential: Credential?, _ secret: Secret, at revision: Int64, tag: UInt64? = nil
  ) -> RevocationLog.Standing {
    credentials.admit(
      CredentialLookup(credential, readAt: Self.position(revision, tag: tag)), of: SecretHash(secret), asked: now)
  }

  @Test("A lease holds from its registration on for its used part, counted from the question")
  func lease() throws {
    #expect(!hasLease(after: .zero))
    #expect(credentials.sessionID == nil && credentials.position == nil && credentials.leaseEnd == nil)
    let session = register()
    #expect(credentials.sessionID == session)
    #expect(credentials.position == Self.position(5))
    #expect(credentials.leaseEnd == now + .milliseconds(1_900))
    #expect(hasLease(after: .milliseconds(1_899)))
    #expect(!hasLease(after: .milliseconds(1_900)))
    #expect(credentials.leaseAsked == now)

    let renewal = try #require(credentials.renewal(at: now + .seconds(1)))
    credentials.renewed(renewal, .behind)
    #expect(!hasLease(after: .milliseconds(1_900)))
    credentials.renewed(renewal, .extended(.seconds(2)))
    #expect(hasLease(after: .milliseconds(2_899)))
    #expect(!hasLease(after: .milliseconds(2_900)))
    #expect(credentials.leaseAsked == now + .seconds(1))
  }

  @Test("Without its session a lease is over, and an answer for another session extends none")
  func sessions() throws {
    let first = register()
    let renewal = try #require(credentials.renewal(at: now))
    credentials.end(.random())
    #expect(hasLease(after: .zero))
    credentials.end(first)
    #expect(!hasLease(after: .zero))
    #expect(credentials.renewal(at: now) == nil)
    credentials.renewed(renewal, .extended(.seconds(100)))
    #expect(!hasLease(after: .zero))

    register(lease: .seconds(1))
    credentials.renewed(renewal, .extended(.seconds(100)))
    #expect(!hasLease(after: .seconds(1)))
    #expect(credentials.leaseAsked == now)
    let present = try #require(credentials.renewal(at: now))
    credentials.renewed(present, .ended)
    #expect(!hasLease(after: .zero) && credentials.sessionID == nil)
  }

  @Test("An answer to another registration than the last is ignored")
  func lateRegistration() {
    let (first, second) = (VerifierSessionID.random(), VerifierSessionID.random())
    credentials.register(as: first, at: now)
    credentials.register(as: second, at: now)
    #expect(!credentials.registered(first, at: Self.position(5), lease: .seconds(2)))
    #expect(credentials.sessionID == nil && !hasLease(after: .zero))
    #expect(credentials.registered(second, at: Self.position(6), lease: .seconds(2)))
    #expect(credentials.position == Self.position(6))
  }

  @Test("What a look-up has found is kept only when it is current")
  func admission() {
    let secrets = (0..<7).map { _ in Secret(kind: .accessToken) }
    #expect(admit(.test(), secrets[0], at: 5) == .superseded)
    let session = register(at: 5)
    #expect(admit(.test(), secrets[0], at: 4) == .superseded)
    #expect(admit(.test(), secrets[1], at: 6) == .ahead)
    #expect(admit(.test(), secrets[2], at: 5, tag: 1) == .superseded)
    #expect(admit(.test("tok_3"), secrets[3], at: 5) == .current)
    #expect(credentials.receive([entry(6, .credential("tok_1"))], for: session) == .forget(.credential("tok_1")))
    #expect(admit(.test("tok_1"), secrets[4], at: 5) == .superseded)
    #expect(admit(.test("tok_1"), secrets[5], at: 6) == .current)
    #expect(admit(nil, secrets[6], at: 5) == .current)
    for index in [0, 1, 2, 4] { #expect(find(secrets[index]) == .nothing) }
    for index in [3, 5] { #expect(find(secrets[index]) != .nothing) }
    #expect(find(secrets[6]) == .unknown)
  }

  @Test("A registration forgets everything, when it is asked for and when it is answered")
  func forgetting() {
    let (known, unknown) = (Secret(kind: .accessToken), Secret(kind: .accessToken))
    register(at: 5)
    #expect(admit(.test(), known, at: 5) == .current)
    #expect(admit(nil, unknown, at: 5) == .current)
    let session = VerifierSessionID.random()
    credentials.register(as: session, at: now)
    #expect(find(known) == .nothing && find(unknown) == .nothing)
    #expect(!hasLease(after: .zero))
    // Whatever comes in meanwhile is of another session.
    #expect(admit(.test(), known, at: 5) == .superseded)
    #expect(credentials.registered(session, at: Self.position(5), lease: .seconds(2)))
    #expect(find(known) == .nothing)
    #expect(credentials.usage.known == 0 && credentials.usage.unknown == 0)
  }

  @Test("What entries of the log are about is forgotten in every part of the cache when they are applied")
  func revocations() {
    let session = register(at: 0)
    let secrets = (0..<2_000).map { _ in Secret(kind: .accessToken) }
    for (number, secret) in secrets.enumerated() {
      #expect(admit(.test("tok_\(number)", account: "acct_\(number % 10)"), secret, at: 0) == .current)
    }
    let before = secrets.filter { find($0) != .nothing }.count
    #expect(before == secrets.count)
    let change = credentials.receive(
      [entry(1, .credential("tok_7")), entry(2, .account("acct_3")), entry(3, .nothing)], for: session)
    #expect(change == .forget(.nothing))
    #expect(credentials.position == Self.position(3))
    for (number, secret) in secrets.enumerated() {
      #expect((find(secret) == .nothing) == (number == 7 || number % 10 == 3))
    }
    #expect(credentials.receive([entry(4, .everything)], for: session) == .forget(.everything))
    #expect(secrets.allSatisfy { find($0) == .nothing })
  }

  @Test(
    "Entries are applied up to the first gap, known ones are passed over, and those for another session are ignored")
  func gaps() {
    let session = register(at: 5)
    #expect(credentials.receive([entry(6, .nothing)], for: .random()) == .none)
    #expect(credentials.position == Self.position(5))
    let entries = [entry(5, .nothing), entry(6, .credential("tok_1")), entry(8, .nothing), entry(7, .nothing)]
    #expect(credentials.receive(entries, for: session) == .reopen)
    #expect(credentials.position == Self.position(6))
    #expect(credentials.receive([entry(6, .nothing)], for: session) == .none)
    #expect(credentials.receive([], for: session) == .none)
  }

  @Test("The use of an access token is reported until the end of the day (UTC), a session's needn't be")
  func useDays() throws {
    // 1,000,000 seconds after 1970 it is 13:46:40.
    let (token, session) = (Secret(kind: .accessToken), Secret(kind: .dashboardSession))
    register()
    #expect(admit(.test(), token, at: 5) == .current)
    #expect(admit(.test("ses_1", kind: .dashboardSession), session, at: 5) == .current)
    guard case .known(let credential) = find(token), case .known(let other) = find(session) else {
      Issue.record("what was kept is not found")
      return
    }
    let rest = Duration.seconds(86_400 - (13 * 3_600 + 46 * 60 + 40))
    #expect(credential.useReportedUntil == ClockTicks(now + rest))
    #expect(other.useReportedUntil == .distantFuture)
  }

  @Test("An unknown secret is forgotten after a minute")
  func unknownLifetime() {
    let secret = Secret(kind: .accessToken)
    register()
    #expect(admit(nil, secret, at: 5) == .current)
    let hash = SecretHash(secret)
    #expect(credentials.find(hash, at: ClockTicks(now + .seconds(59))) == .unknown)
    #expect(credentials.find(hash, at: ClockTicks(now + .seconds(60))) == .nothing)
  }

  @Test("A credential whose ids are too long is judged, and not kept")
  func longIDs() {
    let secret = Secret(kind: .accessToken)
    register()
    #expect(admit(.test(String(repeating: "x", count: 40)), secret, at: 5) == .current)
    #expect(find(secret) == .nothing)
  }

  @Test("Why there is no lease is said")
  func reasons() throws {
    let unregistered = #expect(throws: (any Error).self) { try credentials.checkLease(at: now) }
    #expect(try "\(#require(unregistered))".contains("not registered"))
    register()
    try credentials.checkLease(at: now)
    let late = #expect(throws: (any Error).self) { try credentials.checkLease(at: now + .seconds(2)) }
    #expect(try "\(#require(late))".contains("run out"))
  }
}
