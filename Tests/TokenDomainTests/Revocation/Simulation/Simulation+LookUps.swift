import TokenDomain

extension Simulation {
  /// Joins the look-up of a credential that is on its way, or begins one. Returns its number.
  func lookUp(_ credential: Int, for verifier: SimulatedVerifier) -> Int {
    let caller = Caller(verifier: verifier.number, start: verifier.start)
    if let joined = lookUps.first(where: { $0.caller == caller && $0.credential == credential }) {
      note("verifier \(verifier.number): joins look-up \(joined.number) of credential \(credential)")
      happens(.joined)
      return joined.number
    }
    let call = LookUpCall(number: number(), caller: caller, credential: credential, isSlow: isSlow())
    note("verifier \(verifier.number): look-up \(call.number) of credential \(credential)")
    lookUps.append(call)
    return call.number
  }

  /// A replica reads a credential and the end of the log in one statement.
  func serveLookUp() -> Bool {
    guard let index = random.index(in: lookUps, where: { $0.found == nil }), replica() != nil else { return false }
    guard !isDelayed(lookUps[index].isSlow) else { return false }
    let connection = database.connect(&random)
    let found = database.tables(over: connection).find(lookUps[index].credential)
    if !database.isPrimary(connection) { happens(.oldRead) }
    note(
      "look-up \(lookUps[index].number) reads \(found.isActive ? "active" : "ended") at \(found.position.text)"
        + (database.isPrimary(connection) ? "" : " on the old primary"))
    lookUps[index].found = found
    return true
  }

  /// Delivers the answer to a look-up: it is judged, kept and given to whoever waits for it in one step, as under a
  /// lock.
  func receiveLookUp() -> Bool {
    let answered = random.index(in: lookUps) { $0.found != nil && !verifiers[$0.caller.verifier].isPaused }
    guard let answered, !isDelayed(lookUps[answered].isSlow) else { return false }
    let call = lookUps[answered]
    guard let found = call.found, let verifier = process(of: call.caller) else {
      lookUps.remove(at: answered)
      return true
    }
    let standing = verifier.machine.standing(of: found.identity, readAt: found.position)
    switch standing {
    case .ahead:
      happens(.ahead)
      return false
    case .superseded:
      note("verifier \(verifier.number): look-up \(call.number) is superseded")
      happens(.superseded)
      lookUps[answered].found = nil
    case .current:
      note("verifier \(verifier.number): look-up \(call.number) is current")
      lookUps.remove(at: answered)
      verifier.cache[call.credential] = SimulatedCache.Entry(isActive: found.isActive, identity: found.identity)
      finish(call, isActive: found.isActive, at: verifier)
    }
    return true
  }

  /// Answers who waits for a look-up.
  private func finish(_ lookUp: LookUpCall, isActive: Bool, at verifier: SimulatedVerifier) {
    if isActive, let period = lookUp.shadow, period == promises.period(of: lookUp.credential) {
      fail(.guarantee("verifier \(verifier.number) answers VALID for credential \(lookUp.credential) from a look-up"))
    }
    let waiting = verifier.calls.filter { $0.isWaiting(for: lookUp.number) }
    verifier.calls.removeAll { $0.isWaiting(for: lookUp.number) }
    for call in waiting { answer(call, isActive: isActive, at: verifier) }
  }

  /// A look-up fails, and whoever waits for it.
  func loseLookUp(at index: Int) {
    let call = lookUps.remove(at: index)
    let verifier = verifiers[call.caller.verifier]
    guard verifier.start == call.caller.start else { return }
    verifier.calls.removeAll { $0.isWaiting(for: call.number) }
  }
}
