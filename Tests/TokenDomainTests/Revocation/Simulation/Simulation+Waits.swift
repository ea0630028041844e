import TokenDomain

extension Simulation {
  /// Takes a change that waits for the verifiers a step further.
  func stepWait() -> Bool {
    guard let replica = replica(where: { !$0.waits.isEmpty }) else { return false }
    let index = random.below(replica.waits.count)
    if let result = replica.waits[index].result {
      receive(result, for: index, at: replica)
      return true
    }
    let wait = replica.waits[index]
    switch wait.barrier.step(at: replica.clock.instant(at: time)) {
    case .count:
      // Only a node that has the revision has all the leases that may lag.
      let tables = database.tables(over: database.connect(&random))
      let lagging = tables.lagging(behind: wait.barrier.revision)
      note("replica \(replica.number): \(lagging) leases lag behind change \(wait.change.number)")
      if tables.contains(wait.barrier.position) { replica.waits[index].result = .counted(lagging) }
    case .raiseFloor:
      var longest: Duration?
      var isSeen = false
      let outcome = database.commit(over: database.connect(&random), &random) { tables in
        isSeen = tables.contains(wait.barrier.position)
        longest = tables.raiseFloor(to: wait.barrier.revision)
        return longest != nil
      }
      note("replica \(replica.number): raises the floor for change \(wait.change.number): \(outcome)")
      if outcome == .committed, isSeen { replica.waits[index].result = .raisedFloor(longestLease: longest) }
    case .removeLeases:
      let outcome = database.commit(over: database.connect(&random), &random) { tables in
        tables.removeLeases(behind: wait.barrier.revision)
      }
      note("replica \(replica.number): removes leases behind change \(wait.change.number): \(outcome)")
      if outcome == .committed { replica.waits[index].result = .removedLeases }
    case .answer:
      replica.waits.remove(at: index)
      answer(wait, at: replica)
    }
    return true
  }

  /// Delivers a statement's result.
  private func receive(_ result: SimulatedReplica.Result, for index: Int, at replica: SimulatedReplica) {
    replica.waits[index].result = nil
    switch result {
    case .counted(let lagging):
      if lagging == 0 { happens(.acknowledged) }
      replica.waits[index].barrier.counted(lagging)
    case .raisedFloor(let longest):
      if longest != nil { happens(.floorRaised) }
      replica.waits[index].barrier.raisedFloor(longestLease: longest, at: replica.clock.instant(at: time))
    case .removedLeases:
      happens(.leasesRemoved)
      replica.waits[index].barrier.removedLeases()
    }
  }

  /// Answers a change.
  func answer(_ wait: SimulatedReplica.Wait, at replica: SimulatedReplica) {
    note("replica \(replica.number): answers change \(wait.change.number), \(wait.change.kind) \(wait.change.subject)")
    if isHealed, database.primary.lagging(behind: wait.barrier.revision) > 0 {
      fail(.progress("change \(wait.change.number) leaves leases that every later one has to wait for"))
    }
    promises.answer(wait.change)
    switch wait.change.kind {
    case .delete: happens(.deletionAnswered)
    case .disable, .suspend: happens(.stopAnswered)
    case .enable, .resume: break
    }
    if !wait.hadEffect { happens(.retryAnswered) }
  }
}
