import GRPCNghttp2Transport
package import ServiceKit
package import TokenDomain

/// Verifies `Authorization` headers by what is cached, and looks up what is not.
///
/// It answers VALID only while the verifier holds a lease, and never by evidence that was read before the clock was.
/// See ``VerifiedCredentials`` for the rules.
package struct CachingVerifier: AuthorizationVerifier {
  /// What it may use.
  package struct Limits: Sendable {
    /// The most look-ups on their way at a time.
    package var lookups = 4_096
    /// How long a call without a deadline waits altogether.
    package var patience = Duration.seconds(5)
    /// How often a call looks up anew because what it found had changed.
    package var rounds = 4

    /// The defaults.
    package init() {}
  }

  /// The cache and the lease.
  package let credentials: VerifiedCredentials
  /// Refusals of known credentials.
  package let refusals: Refusals
  private let attempts: FailedAttempts
  private let flights: LookupFlights
  private let limits: Limits

  /// Creates a verifier.
  ///
  /// - Parameters:
  ///   - credentials: The cache and the lease.
  ///   - source: Where credentials are looked up.
  ///   - attempts: How many unknown tokens a client may try.
  ///   - refusals: Where refusals of known credentials are counted.
  package init(
    credentials: VerifiedCredentials, source: any CredentialLookupSource, attempts: FailedAttempts,
    refusals: Refusals = Refusals(), limits: Limits = Limits()
  ) {
    self.credentials = credentials
    self.attempts = attempts
    self.refusals = refusals
    self.limits = limits
    flights = LookupFlights(source: source, limit: limits.lookups) { evidence, hash in
      _ = credentials.admit(evidence.lookup, of: hash, asked: evidence.asked)
    }
  }

  /// How many look-ups were begun, and how many calls have waited for another one's.
  package var lookups: (begun: Int, joined: Int) { flights.counts }

  /// Verifies a header for the client of the call that runs in this task.
  package func verify(authorization: String, permission: Permission?) async throws -> Verdict {
    try await verify(authorization: authorization, permission: permission, client: .current)
  }

  /// Verifies a header.
  ///
  /// - Parameter client: Whose attempts are counted; `nil` when it is not known, so that none are.
  /// - Throws: ``ServiceError`` `rateLimited` when the client has tried too many unknown tokens, and `unavailable` when
  ///   there is no lease, or the look-up fails; `CancellationError` when the task is cancelled.
  package func verify(
    authorization: String, permission: Permission?, client: ClientAddress?
  ) async throws -> Verdict {
    switch PresentedSecret(authorization: authorization) {
    case .missing: return .missing
    case .malformed: return .invalid
    case .wellFormed(let hash, let kind):
      let deadline = deadline
      for _ in 0..<limits.rounds {
        let now = try await leasedTime(until: deadline)
        let request = Request(kind: kind, permission: permission, client: client, now: now)
        if let verdict = try await verdict(on: hash, request, until: deadline) { return verdict }
      }
      throw ServiceError(.unavailable, "The credential changes faster than it can be looked up.")
    }
  }

  /// What a verdict is about besides the secret.
  private struct Request {
    let kind: SecretKind
    let permission: Permission?
    let client: ClientAddress?
    /// A time at which the lease holds, before the evidence is read.
    let now: ContinuousClock.Instant
  }

  /// Until when to wait for what is missing: a little less than the caller does, so that it hears the reason.
  private var deadline: ContinuousClock.Instant {
    let now = ContinuousClock.now
    guard let deadline = CallDeadline.current else { return now + limits.patience }
    return deadline - min(.milliseconds(100), max(now.duration(to: deadline), .zero) / 10)
  }

  /// Waits for a time at which the lease holds.
  private func leasedTime(until deadline: ContinuousClock.Instant) async throws -> ContinuousClock.Instant {
    while true {
      let version = credentials.leaseChanges.version
      let now = ContinuousClock.now
      if credentials.hasLease(at: ClockTicks(now)) { return now }
      guard try await credentials.leaseChanges.wait(beyond: version, until: deadline) else {
        try credentials.checkLease()
        continue
      }
    }
  }

  /// The verdict by the evidence of one round; `nil` when it does not count.
  private func verdict(
    on hash: SecretHash, _ request: Request, until deadline: ContinuousClock.Instant
  ) async throws -> Verdict? {
    let now = ClockTicks(request.now)
    var cached: CachedCredential?
    switch credentials.find(hash, at: now) {
    case .known(let credential):
      if now < credential.useReportedUntil { return verdict(credential, request, at: now) }
      cached = credential
    case .unknown: return .invalid
    case .nothing: try attempts.check(request.client, at: request.now)
    }
    do {
      let (evidence, isOwn) = try await flights.evidence(for: hash, until: deadline)
      guard try await isCurrent(evidence, of: hash, until: deadline) else { return nil }
      if isOwn, evidence.lookup.credential == nil { attempts.note(request.client, at: .now) }
      return verdict(evidence, request)
    } catch  where !(error is CancellationError) {
      // What is cached counts all the same: it was looked up anew only so that its use is noted today.
      guard let cached else { throw error }
      return verdict(cached, request, at: now)
    }
  }

  /// Whether a look-up counts, once that can be judged.
  private func isCurrent(
    _ evidence: Evidence, of hash: SecretHash, until deadline: ContinuousClock.Instant
  ) async throws -> Bool {
    while true {
      let version = credentials.logChanges.version
      switch credentials.admit(evidence.lookup, of: hash, asked: evidence.asked) {
      case .current: return true
      case .superseded: return false
      case .ahead:
        guard try await credentials.logChanges.wait(beyond: version, until: deadline) else {
          throw ServiceError(.unavailable, "The auth-verifier has not applied the revocation log as far as it must.")
        }
      }
    }
  }

  private func verdict(_ evidence: Evidence, _ request: Request) -> Verdict {
    guard let credential = evidence.lookup.credential else { return .invalid }
    let now = ContinuousClock.now
    guard let known = CachedCredential(credential, asked: evidence.asked, useReportedUntil: .distantFuture) else {
      let left = credential.remainingLifetime.map { $0 - evidence.asked.duration(to: now) }
      return Verdict(
        found: Credential(credential.principal, state: credential.state, remainingLifetime: left),
        presentedAs: request.kind, permission: request.permission)
    }
    return verdict(known, request, at: ClockTicks(now))
  }

  private func verdict(_ credential: CachedCredential, _ request: Request, at now: ClockTicks) -> Verdict {
    let outcome = credential.outcome(presentedAs: request.kind, permission: request.permission, at: now)
    refusals.note(credential, outcome)
    return credential.verdict(outcome)
  }
}

extension Refusals {
  /// Counts what became of a request, if it was refused although the credential is known.
  func note(_ credential: CachedCredential, _ outcome: CachedCredential.Outcome) {
    switch outcome {
    case .valid, .unusable: break
    case .stopped: note(credential, Reason.stopped)
    case .permissionDenied: note(credential, Reason.permission)
    }
  }
}
