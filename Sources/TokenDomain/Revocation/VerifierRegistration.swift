/// The state of a verifier towards the revocation log: its session, its lease, and how far it has applied the log.
///
/// It is pure: it neither waits nor calls, and reads no clock. Whoever drives it calls the token service, tells what
/// was answered, and keeps the cache: every look-up goes through ``standing(of:readAt:)``, what ``Change`` names leaves
/// the cache before anything is acknowledged, and an answer is given only after ``hasLease(at:)``, asked first.
///
/// The rules are those of leases (C. Gray and D. Cheriton, "Leases: an efficient fault-tolerant mechanism for
/// distributed file cache consistency", 1989): a verifier that nobody can reach stops answering by itself before
/// anybody may rely on its silence.
package struct VerifierRegistration: Sendable {
  /// The part of a lease that is used: the rest is for clocks that run apart.
  package static let usedPart = 0.95

  /// A question for a lease, on its way.
  package struct Renewal: Sendable, Hashable {
    /// The session that asks.
    package let session: VerifierSessionID
    /// When it asked, by the verifier's own clock: the lease counts from here.
    package let asked: ContinuousClock.Instant
  }

  /// What became of a question for a longer lease.
  package enum Outcome: Sendable, Hashable {
    /// It is extended by this much, counted from the question.
    case extended(Duration)
    /// It is not, until more of the log is acknowledged.
    case behind
    /// The session is over.
    case ended
  }

  /// What to do with the cache, and next.
  package enum Change: Sendable, Hashable {
    /// Nothing.
    case none
    /// Forget what is cached of this subject, and then acknowledge ``position``.
    case forget(Revocation.Subject)
    /// Entries are missing, or are of another log: open the stream again, and apply nothing more of this one.
    case reopen
  }

  private struct Session: Sendable {
    let id: VerifierSessionID
    var log: RevocationLog
    var leaseEnd: ContinuousClock.Instant
  }

  private var registering: Renewal?
  private var session: Session?

  /// A verifier that has just started.
  package init() {}

  // MARK: - Session

  /// The session; `nil` before it is registered, and after it ended.
  package var sessionID: VerifierSessionID? { session?.id }

  /// How far the log was applied: where a stream resumes, and what is acknowledged. `nil` without a session.
  package var position: LogPosition? { session?.log.applied }

  /// Begins a registration. Its caller forgets all that is cached, and then asks.
  ///
  /// - Parameters:
  ///   - id: A name that was never used before.
  ///   - now: The time before the question.
  package mutating func register(as id: VerifierSessionID, at now: ContinuousClock.Instant) {
    session = nil
    registering = Renewal(session: id, asked: now)
  }

  /// Takes the answer to a registration. Its caller forgets all that is cached once more: a look-up may have come in
  /// between.
  ///
  /// - Returns: Whether it is the answer to the last question; one to another is ignored.
  package mutating func registered(_ id: VerifierSessionID, at position: LogPosition, lease: Duration) -> Bool {
    guard let registering, registering.session == id else { return false }
    self.registering = nil
    session = Session(
      id: id, log: RevocationLog(at: position), leaseEnd: registering.asked + lease * Self.usedPart)
    return true
  }

  /// Ends a session that the log or a lease refused. The verifier answers no more until it has registered anew.
  package mutating func end(_ id: VerifierSessionID) {
    if session?.id == id { session = nil }
  }

  // MARK: - Lease

  /// Whether an answer may be given at `now`, which was read before the evidence is.
  package func hasLease(at now: ContinuousClock.Instant) -> Bool {
    session.map { now < $0.leaseEnd } ?? false
  }

  /// When the lease ends by itself; `nil` without a session.
  package var leaseEnd: ContinuousClock.Instant? { session?.leaseEnd }

  /// Begins to ask for a longer lease; `nil` without a session.
  ///
  /// - Parameter now: The time before the question.
  package func renewal(at now: ContinuousClock.Instant) -> Renewal? {
    session.map { Renewal(session: $0.id, asked: now) }
  }

  /// Takes the answer. One for another session is ignored, and none makes a lease shorter.
  package mutating func renewed(_ renewal: Renewal, _ outcome: Outcome) {
    guard var session, session.id == renewal.session else { return }
    switch outcome {
    case .extended(let lease):
      session.leaseEnd = max(session.leaseEnd, renewal.asked + lease * Self.usedPart)
      self.session = session
    case .behind:
      break
    case .ended:
      self.session = nil
    }
  }

  // MARK: - Log

  /// Takes an entry of a stream that was opened for this session.
  package mutating func receive(_ revocation: Revocation, for id: VerifierSessionID) -> Change {
    guard session?.id == id else { return .none }
    switch session?.log.append(revocation) {
    case .applied: return .forget(revocation.subject)
    case .gap, .conflict: return .reopen
    case .known, nil: return .none
    }
  }

  /// Judges a look-up; see ``RevocationLog/standing(of:readAt:)``. Without a session none counts.
  package func standing(
    of identity: CredentialIdentity?, readAt position: LogPosition
  ) -> RevocationLog.Standing {
    session?.log.standing(of: identity, readAt: position) ?? .superseded
  }
}
