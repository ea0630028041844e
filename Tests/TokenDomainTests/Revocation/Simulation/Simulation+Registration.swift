import TokenDomain

extension Simulation {
  /// Takes a registration a step further at a verifier.
  func register() -> Bool {
    guard let verifier = verifier() else { return false }
    let now = verifier.clock.instant(at: time)
    switch verifier.registration {
    case .none:
      guard !verifier.machine.hasLease(at: now) else { return false }
      // A session whose lease has run out may still be renewed.
      guard verifier.machine.sessionID == nil || random.chance(percent: 5) else { return false }
      begin(at: verifier, now)
    case .clearing(let session, let shard):
      verifier.cache.clear(shard: shard)
      if shard + 1 < SimulatedCache.shardCount {
        verifier.registration = .clearing(session, nextShard: shard + 1)
      } else {
        note("verifier \(verifier.number): cache cleared, asks to be registered")
        verifier.registration = .asking
        registrations.append(
          RegistrationCall(
            caller: Caller(verifier: verifier.number, start: verifier.start), session: session, isSlow: isSlow()))
      }
    case .asking:
      // The answer does not come.
      guard random.chance(percent: 2) else { return false }
      begin(at: verifier, now)
    case .adopting(let shard):
      verifier.cache.clear(shard: shard)
      if shard + 1 < SimulatedCache.shardCount {
        verifier.registration = .adopting(nextShard: shard + 1)
      } else {
        note("verifier \(verifier.number): cache cleared once more")
        verifier.registration = .none
      }
    }
    return true
  }

  private func begin(at verifier: SimulatedVerifier, _ now: ContinuousClock.Instant) {
    let session = VerifierSessionID(using: &random)
    note("verifier \(verifier.number): registers")
    verifier.machine.register(as: session, at: now)
    verifier.registration = .clearing(session, nextShard: 0)
  }

  /// Takes a registration's transaction a step further.
  func serveRegistration() -> Bool {
    guard let index = random.index(in: registrations, where: { !$0.isAnswered }) else { return false }
    guard let replica = replica() else { return false }
    let call = registrations[index]
    guard !isDelayed(call.isSlow) else { return false }
    switch call.state {
    case .asked:
      let connection = database.connect(&random)
      if database.isPrimary(connection), !database.locks.shareCounter() { return false }
      let position = database.tables(over: connection).end
      note("verifier \(call.caller.verifier)'s registration reads \(position.text)")
      registrations[index].state = .reading(position, connection)
    case .reading(let position, let connection):
      let lease = Tables.Lease(
        session: call.session, acknowledged: position.revision, floor: position.revision, duration: replica.lease)
      let outcome = database.commit(over: connection, &random) { $0.insert(lease) }
      if database.isPrimary(connection) { database.locks.endShare() }
      guard outcome == .committed else {
        note("verifier \(call.caller.verifier)'s registration fails, or its outcome is unknown")
        registrations.remove(at: index)
        return true
      }
      note("verifier \(call.caller.verifier)'s registration is committed at \(position.text)")
      registrations[index].state = .answered(position, lease: replica.lease)
    case .answered:
      return false
    }
    return true
  }

  /// Delivers the answer to a registration.
  func receiveRegistration() -> Bool {
    guard let index = random.index(in: registrations, where: \.isAnswered) else { return false }
    guard case .answered(let position, let lease) = registrations[index].state else { return false }
    guard !verifiers[registrations[index].caller.verifier].isPaused, !isDelayed(registrations[index].isSlow) else {
      return false
    }
    let call = registrations.remove(at: index)
    guard let verifier = process(of: call.caller) else { return true }
    guard verifier.machine.registered(call.session, at: position, lease: lease) else {
      note("verifier \(verifier.number): ignores the answer to an earlier registration")
      return true
    }
    note("verifier \(verifier.number): is registered at \(position.text) for \(lease)")
    happens(.registered)
    verifier.registration = .adopting(nextShard: 0)
    return true
  }

  /// A verifier ends its session, as it stops answering.
  func endLease() -> Bool {
    guard let verifier = verifier(where: { $0.machine.sessionID != nil }), let session = verifier.machine.sessionID
    else { return false }
    note("verifier \(verifier.number): ends its session")
    verifier.machine.end(session)
    endings.append(session)
    return true
  }

  /// A replica removes the lease of a session that has ended.
  func serveEnding() -> Bool {
    guard let session = endings.popLast() else { return false }
    let outcome = database.commit(over: database.connect(&random), &random) { $0.removeLease(of: session) }
    note("a session's end is written: \(outcome)")
    return true
  }
}

extension LogPosition {
  /// The place for the trace.
  var text: String { "\(revision)/\(String(tag % 4_096, radix: 16))" }
}
