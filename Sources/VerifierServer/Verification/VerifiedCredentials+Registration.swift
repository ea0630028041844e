package import ServiceKit
package import TokenDomain

/// What ``LeaseKeeper`` tells of the session, the lease and the log; the rules are
/// ``TokenDomain/VerifierRegistration``'s.
extension VerifiedCredentials {
  // MARK: - Session

  /// The session; `nil` before it is registered, and after it ended.
  package var sessionID: VerifierSessionID? { read(\.registration.sessionID) }

  /// How far the log was applied; `nil` without a session.
  package var position: LogPosition? { read(\.registration.position) }

  /// Begins a registration: the lease is given up and everything forgotten.
  ///
  /// - Parameters:
  ///   - id: A name that was never used before.
  ///   - now: The time before the question.
  package func register(as id: VerifierSessionID, at now: ContinuousClock.Instant) {
    change { state, forget in
      state.registration.register(as: id, at: now)
      state.registrationAsked = now
      forget(.everything)
    }
    logChanges.notify()
  }

  /// Takes the answer to a registration, and forgets everything once more.
  ///
  /// - Returns: Whether it is the answer to the last question; one to another is ignored.
  package func registered(_ id: VerifierSessionID, at position: LogPosition, lease: Duration) -> Bool {
    let isLast = change { state, forget in
      guard state.registration.registered(id, at: position, lease: lease) else { return false }
      state.leaseAsked = state.registrationAsked
      forget(.everything)
      return true
    }
    leaseChanges.notify()
    logChanges.notify()
    return isLast
  }

  /// Ends a session that the log or a lease refused. Nothing is answered until there is another one.
  package func end(_ id: VerifierSessionID) {
    change { state, _ in state.registration.end(id) }
    logChanges.notify()
  }

  // MARK: - Lease

  /// When the lease ends by itself; `nil` without a session.
  package var leaseEnd: ContinuousClock.Instant? { read(\.registration.leaseEnd) }

  /// When the question was asked that was last answered with a lease; `nil` before there was one.
  package var leaseAsked: ContinuousClock.Instant? { read(\.leaseAsked) }

  /// Begins to ask for a longer lease; `nil` without a session.
  ///
  /// - Parameter now: The time before the question.
  package func renewal(at now: ContinuousClock.Instant) -> VerifierRegistration.Renewal? {
    read { $0.registration.renewal(at: now) }
  }

  /// Takes the answer.
  package func renewed(_ renewal: VerifierRegistration.Renewal, _ outcome: VerifierRegistration.Outcome) {
    change { state, _ in
      state.registration.renewed(renewal, outcome)
      guard case .extended = outcome, state.registration.sessionID == renewal.session else { return }
      state.leaseAsked = max(state.leaseAsked ?? renewal.asked, renewal.asked)
    }
    leaseChanges.notify()
    if case .ended = outcome { logChanges.notify() }
  }

  /// Says why nothing can be answered.
  ///
  /// - Throws: ``ServiceError`` `unavailable` when the lease does not hold at `now`.
  package func checkLease(at now: ContinuousClock.Instant = .now) throws(ServiceError) {
    guard !hasLease(at: ClockTicks(now)) else { return }
    let message =
      read(\.registration.leaseEnd) == nil
      ? "The auth-verifier is not registered with the token-service, so it can't know which credentials still work."
      : "The auth-verifier's lease has run out, and the token-service has not extended it: it may be out of reach, or "
        + "slow, or still be sending what was revoked."
    throw ServiceError(.unavailable, message)
  }

  // MARK: - Log

  /// Applies entries of a stream that was opened for this session, up to the first that can't be.
  ///
  /// - Returns: What became of the last one. All that is to be forgotten is forgotten, so ``position`` can be
  ///   acknowledged.
  package func receive(_ revocations: [Revocation], for id: VerifierSessionID) -> VerifierRegistration.Change {
    var last = VerifierRegistration.Change.none
    for revocation in revocations {
      last = change { state, forget in
        let change = state.registration.receive(revocation, for: id)
        if case .forget(let subject) = change { forget(subject) }
        return change
      }
      if last == .reopen { break }
    }
    logChanges.notify()
    return last
  }
}
