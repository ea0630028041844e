import TokenDomain

extension Simulation {
  /// Does what comes next, if it is possible. Returns whether it was.
  func perform(_ action: SimulationAction) -> Bool {
    switch action {
    case .wait: wait()
    case .jump: jump()
    case .register: register()
    case .serveRegistration: serveRegistration()
    case .receiveRegistration: receiveRegistration()
    case .renew: renew()
    case .serveRenewal: serveRenewal()
    case .receiveRenewal: receiveRenewal()
    case .serveEnding: serveEnding()
    case .openStream: openStream()
    case .serveStream: serveStream()
    case .receiveEntry: receiveEntry()
    case .forget: forget()
    case .acknowledge: acknowledge()
    case .takeAcknowledgement: takeAcknowledgement()
    case .writeAcknowledgements: writeAcknowledgements()
    case .startVerify: startVerify()
    case .stepVerify: stepVerify()
    case .serveLookUp: serveLookUp()
    case .receiveLookUp: receiveLookUp()
    case .evict: evict()
    case .ask: ask()
    case .stepBatch: stepBatch()
    case .stepWait: stepWait()
    case .loseCall: loseCall()
    case .cutStream: cutStream()
    case .pause: pause()
    case .unpause: unpause()
    case .endLease: endLease()
    case .restartVerifier: restartVerifier()
    case .restartReplica: restartReplica()
    case .restartDatabase: restartDatabase()
    case .failOver: failOver()
    case .stopReplication: stopReplication()
    case .resumeReplication: resumeReplication()
    case .stopOld: stopOld()
    case .flush: flush()
    case .prune: prune()
    }
  }

  // MARK: - Time

  private func wait() -> Bool {
    pass(until: time + Int64(random.below(5 * profile.pace)))
    return true
  }

  /// Lets time pass until something ends by itself, or nearly.
  private func jump() -> Bool {
    let isLease = random.chance(percent: 50)
    let end: ProcessClock.Time? =
      if isLease {
        verifier().flatMap { verifier in verifier.machine.leaseEnd.map { verifier.clock.time(of: $0) } }
      } else {
        replica().flatMap { replica in
          replica.waits.first.map { replica.clock.time(of: $0.barrier.deadline) }
        }
      }
    guard let end, end > time else { return false }
    pass(until: end + Int64(random.below(3) - 1) * Int64(random.below(2_000_000)))
    return true
  }

  // MARK: - The guarantee

  /// Checks the guarantee for every Verify that may be in progress.
  func check() {
    guard !promises.isEmpty else { return }
    for credential in 0..<Subject.credentialCount {
      guard let period = promises.period(of: credential) else { continue }
      for verifier in verifiers { check(credential, in: period, at: verifier) }
    }
  }

  private func check(_ credential: Int, in period: Promises.Period, at verifier: SimulatedVerifier) {
    var shadow = verifier.shadows[credential]
    if shadow?.period != period {
      shadow = ShadowCall(period: period, started: verifier.clock.instant(at: time))
    }
    guard var shadow else { return }
    defer { verifier.shadows[credential] = shadow }
    if !shadow.isLeased { shadow.isLeased = verifier.machine.hasLease(at: shadow.started) }
    guard shadow.isLeased else { return }
    if verifier.cache[credential]?.isActive == true {
      fail(.guarantee("verifier \(verifier.number) answers VALID for credential \(credential) from its cache"))
    }
    let caller = Caller(verifier: verifier.number, start: verifier.start)
    for index in lookUps.indices where lookUps[index].caller == caller && lookUps[index].credential == credential {
      lookUps[index].shadow = period
    }
  }
}
