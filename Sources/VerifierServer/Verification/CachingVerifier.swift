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
    flights = LookupFlights(source: source, limit: limits.lookups) { lookup, hash, asked in
      credentials.admit(lookup, of: hash, asked: asked)
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

  /// Until when to wait for what is missing.
  private var deadline: ContinuousClock.Instant { CallDeadline.current ?? .now + limits.patience }

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
      note(evidence, isOwn: isOwn, request)
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
    var standing = evidence.standing
    while true {
      switch standing {
      case .current: return true
      case .superseded: return false
      case .ahead:
        let version = credentials.logChanges.version
        standing = credentials.admit(evidence.lookup, of: hash, asked: evidence.asked)
        guard standing == .ahead else { continue }
        guard try await credentials.logChanges.wait(beyond: version, until: deadline) else {
          throw ServiceError(.unavailable, "The auth-verifier has not applied the revocation log as far as it must.")
        }
      }
    }
  }

  /// Counts a secret that turned out to be unknown, once.
  private func note(_ evidence: Evidence, isOwn: Bool, _ request: Request) {
    if isOwn, evidence.lookup.credential == nil { attempts.note(request.client, at: .now) }
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

extension CachingVerifier {
  /// What a verdict is about besides the secret.
  struct Request {
    let kind: SecretKind
    let permission: Permission?
    let client: ClientAddress?
    /// A time at which the lease holds, before the evidence is read.
    let now: ContinuousClock.Instant
  }

  /// What one look-up has brought.
  enum Found {
    case credential(CachedCredential)
    case unknown
    /// It failed.
    case fault(ServiceError)
    /// It takes more than this one look-up: ``verify(authorization:permission:client:)`` has to find the verdict.
    case undecided
  }

  /// Looks up a secret that is not cached, without waiting for it.
  ///
  /// - Parameters:
  ///   - deadline: When the caller stops waiting; `nil` when it waits for ever.
  ///   - finish: Takes what was found, on any thread: once, or a second time too late.
  /// - Returns: Whether `finish` will be called.
  func lookUp(
    _ hash: SecretHash, _ request: Request, requestID: String?, until deadline: ContinuousClock.Instant?,
    finish: @escaping @Sendable (Found) -> Void
  ) -> Bool {
    guard (try? attempts.check(request.client, at: request.now)) != nil else { return false }
    let end = deadline.map { AnswerReserve(until: $0, at: request.now).end } ?? request.now + limits.patience
    let timer = Timers.shared.set(after: request.now.duration(to: end)) { finish(.fault(.lateLookUp)) }
    let isOnItsWay = flights.lookUp(hash, for: requestID) { result, isOwn in
      timer.cancel()
      let evidence: Evidence
      switch result {
      case .success(let found): evidence = found
      case .failure(let error): return finish(.fault(ServiceError(ofLookUp: error)))
      }
      guard evidence.standing == .current else { return finish(.undecided) }
      note(evidence, isOwn: isOwn, request)
      guard let credential = evidence.lookup.credential else { return finish(.unknown) }
      let found = CachedCredential(credential, asked: evidence.asked, useReportedUntil: .distantFuture)
      finish(found.map { .credential($0) } ?? .undecided)
    }
    if !isOnItsWay { timer.cancel() }
    return isOnItsWay
  }
}

extension ServiceError {
  /// What a caller receives whose time is over before a look-up is.
  static let lateLookUp = Self(.unavailable, "The credential could not be looked up in time.", isRetried: true)

  /// What a caller receives when a look-up fails.
  init(ofLookUp error: any Error) {
    self =
      error as? ServiceError ?? ServiceError(.unavailable, "The credential could not be looked up.", cause: error)
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
