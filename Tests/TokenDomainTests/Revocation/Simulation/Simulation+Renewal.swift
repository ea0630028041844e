import TokenDomain

extension Simulation {
  /// A verifier asks for a longer lease, although it may wait for an answer to that already.
  func renew() -> Bool {
    guard let verifier = verifier(where: { $0.machine.sessionID != nil }) else { return false }
    let caller = Caller(verifier: verifier.number, start: verifier.start)
    guard renewals.reduce(0, { $1.caller == caller ? $0 + 1 : $0 }) < 2 else { return false }
    guard let renewal = verifier.machine.renewal(at: verifier.clock.instant(at: time)) else { return false }
    note("verifier \(verifier.number): asks for its lease")
    renewals.append(RenewalCall(caller: caller, renewal: renewal, isSlow: isSlow()))
    return true
  }

  /// A replica answers a renewal, with as long a lease as it grants: the row keeps the longest.
  func serveRenewal() -> Bool {
    guard let index = random.index(in: renewals, where: { $0.outcome == nil }), let replica = replica() else {
      return false
    }
    guard !isDelayed(renewals[index].isSlow) else { return false }
    let renewal = renewals[index].renewal
    let connection = database.connect(&random)
    let lease = database.tables(over: connection).leases.first { $0.session == renewal.session }
    guard let lease else {
      note("verifier \(renewals[index].caller.verifier)'s renewal finds no lease")
      renewals[index].outcome = .ended
      return true
    }
    guard lease.acknowledged >= lease.floor else {
      note("verifier \(renewals[index].caller.verifier)'s renewal finds it behind")
      renewals[index].outcome = .behind
      return true
    }
    let outcome = database.commit(over: connection, &random) { $0.renew(renewal.session, for: replica.lease) }
    note("verifier \(renewals[index].caller.verifier)'s renewal: \(outcome)")
    if outcome == .committed {
      renewals[index].outcome = .extended(replica.lease)
    } else {
      renewals.remove(at: index)
    }
    return true
  }

  /// Delivers the answer to a renewal.
  func receiveRenewal() -> Bool {
    let answered = random.index(in: renewals) { $0.outcome != nil && !verifiers[$0.caller.verifier].isPaused }
    guard let answered, !isDelayed(renewals[answered].isSlow) else { return false }
    let call = renewals.remove(at: answered)
    guard let outcome = call.outcome, let verifier = process(of: call.caller) else { return true }
    note("verifier \(verifier.number): its lease is \(outcome)")
    if verifier.machine.sessionID == call.renewal.session {
      switch outcome {
      case .extended: happens(.extended)
      case .behind: happens(.behind)
      case .ended: happens(.ended)
      }
    }
    verifier.machine.renewed(call.renewal, outcome)
    return true
  }
}
