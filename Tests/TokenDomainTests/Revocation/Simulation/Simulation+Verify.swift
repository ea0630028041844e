import TokenDomain

extension Simulation {
  /// A Verify has been read from its socket.
  func startVerify() -> Bool {
    guard let verifier = verifier(where: { $0.calls.count < 4 }) else { return false }
    guard verifier.machine.sessionID != nil || random.chance(percent: 10) else { return false }
    // Mostly of a credential that must not be accepted any more, if there is one.
    let isChosen = random.chance(percent: 60)
    let ended = isChosen ? random.index(in: Self.credentials) { promises.period(of: $0) != nil } : nil
    let credential = ended ?? random.below(Subject.credentialCount)
    note("verifier \(verifier.number): Verify of credential \(credential) starts")
    verifier.calls.append(VerifyCall(credential: credential, period: promises.period(of: credential)))
    return true
  }

  private static let credentials = Array(0..<Subject.credentialCount)

  /// Takes a Verify a step further: first the clock, then the lease, then evidence.
  func stepVerify() -> Bool {
    guard let verifier = verifier(where: { !$0.calls.isEmpty }),
      let index = random.index(in: verifier.calls, where: \.isReady)
    else { return false }
    let call = verifier.calls[index]
    switch call.state {
    case .started:
      verifier.calls[index].state = .timed(verifier.clock.instant(at: time))
    case .timed(let now):
      if verifier.machine.hasLease(at: now) {
        verifier.calls[index].state = .leased
      } else if random.chance(percent: 50) {
        // It waits for a lease, and asks again.
        verifier.calls[index].state = .started
      } else {
        note("verifier \(verifier.number): Verify of credential \(call.credential): UNAVAILABLE")
        happens(.unavailable)
        verifier.calls.remove(at: index)
      }
    case .leased:
      if let entry = verifier.cache[call.credential] {
        if entry.isActive, call.period == nil { happens(.cacheHit) }
        verifier.calls.remove(at: index)
        answer(call, isActive: entry.isActive, at: verifier)
      } else {
        verifier.calls[index].state = .waiting(lookUp: lookUp(call.credential, for: verifier))
      }
    case .waiting:
      return false
    }
    return true
  }

  /// Answers a Verify.
  func answer(_ call: VerifyCall, isActive: Bool, at verifier: SimulatedVerifier) {
    note("verifier \(verifier.number): Verify of credential \(call.credential): \(isActive ? "VALID" : "INVALID")")
    let isForbidden = call.period != nil && promises.period(of: call.credential) == call.period
    if isActive, isForbidden {
      fail(.guarantee("verifier \(verifier.number) answers VALID for credential \(call.credential)"))
    }
    if isActive { happens(.accepted) }
    if isForbidden { happens(.refused) }
  }

  /// A verifier forgets something to make room.
  func evict() -> Bool {
    guard let verifier = verifier() else { return false }
    verifier.cache[random.below(Subject.credentialCount)] = nil
    return true
  }
}
