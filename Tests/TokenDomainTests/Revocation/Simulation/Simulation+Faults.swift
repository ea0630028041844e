import TokenDomain

extension Simulation {
  // MARK: - The network

  /// A call, or its answer, never arrives.
  func loseCall() -> Bool {
    switch random.below(3) {
    case 0:
      // One whose transaction holds a lock ends with that.
      guard let index = random.index(in: registrations, where: { !$0.isReading }) else { return false }
      note("verifier \(registrations.remove(at: index).caller.verifier)'s registration is lost")
    case 1:
      guard !renewals.isEmpty else { return false }
      note("verifier \(renewals.remove(at: random.below(renewals.count)).caller.verifier)'s renewal is lost")
    default:
      guard !lookUps.isEmpty else { return false }
      let index = random.below(lookUps.count)
      note("look-up \(lookUps[index].number) is lost")
      loseLookUp(at: index)
    }
    return true
  }

  /// A stream ends, with all that is on its way.
  func cutStream() -> Bool {
    guard !streams.isEmpty else { return false }
    let stream = streams.remove(at: random.below(streams.count))
    note("stream \(stream.number) of verifier \(stream.caller.verifier) is cut")
    return true
  }

  // MARK: - Processes

  /// Stops a process for a while, between any two steps.
  func pause() -> Bool {
    if random.chance(percent: 70) {
      guard let verifier = verifier() else { return false }
      note("verifier \(verifier.number): stopped")
      verifier.isPaused = true
    } else {
      guard let replica = replica() else { return false }
      note("replica \(replica.number): stopped")
      replica.isPaused = true
    }
    return true
  }

  /// Lets a stopped process go on.
  func unpause() -> Bool {
    if let index = random.index(in: verifiers, where: \.isPaused) {
      note("verifier \(index): goes on")
      verifiers[index].isPaused = false
    } else if let index = random.index(in: replicas, where: \.isPaused) {
      note("replica \(index): goes on")
      replicas[index].isPaused = false
    } else {
      return false
    }
    return true
  }

  /// Kills a verifier.
  func restartVerifier() -> Bool {
    let verifier = verifiers[random.below(verifiers.count)]
    note("verifier \(verifier.number): killed and started")
    happens(.verifierRestarted)
    verifier.restart(using: &random)
    return true
  }

  /// Kills a replica, perhaps right after it has sent COMMIT.
  func restartReplica() -> Bool {
    let replica = replicas[random.below(replicas.count)]
    note("replica \(replica.number): killed and started")
    happens(.replicaRestarted)
    if let batch = replica.batch {
      let isSent = batch.revisions != nil && database.isOpen(batch.connection) && random.chance(percent: 40)
      if isSent { commit(batch, at: replica) } else { end(batch, at: replica) }
    }
    for change in replica.queue { promises.settle(change) }
    replica.restart(using: &random)
    return true
  }

  // MARK: - The database

  /// The primary crashes and starts again.
  func restartDatabase() -> Bool {
    note("the database crashes and starts")
    happens(.databaseRestarted)
    database.restart()
    loseTransactions()
    return true
  }

  /// The primary is believed dead, and the standby promoted.
  func failOver() -> Bool {
    guard let standby = database.standby else { return false }
    // Mostly when that loses something.
    guard standby.end != database.primary.end || random.chance(percent: 30) else { return false }
    note("the standby is promoted: \(standby.end.text) instead of \(database.primary.end.text)")
    happens(.failedOver)
    if standby.end != database.primary.end { happens(.lostRevision) }
    database.failOver()
    loseTransactions()
    return true
  }

  /// Registrations that were in the middle of their transactions on the primary fail.
  private func loseTransactions() {
    registrations.removeAll(where: \.isReading)
  }

  /// The standby loses touch.
  func stopReplication() -> Bool {
    guard database.standby != nil, database.isReplicating else { return false }
    note("replication stops")
    database.stopReplication()
    return true
  }

  /// The standby catches up.
  func resumeReplication() -> Bool {
    guard !database.isReplicating else { return false }
    note("replication goes on")
    database.resumeReplication()
    return true
  }

  /// The old primary is gone.
  func stopOld() -> Bool {
    guard database.old != nil else { return false }
    note("the old primary is gone")
    database.stopOld()
    return true
  }

  /// What was written asynchronously reaches the disk.
  func flush() -> Bool {
    database.flush()
    return true
  }

  /// The log's beginning is deleted, but nothing that a change waits for: far more is kept than comes in that time.
  func prune() -> Bool {
    let kept = 1 + random.below(3)
    let first = database.primary.end.revision - Int64(kept) + 1
    let isNeeded = replicas.contains { $0.waits.contains { $0.barrier.revision < first } }
    guard database.primary.log.count > kept, !isNeeded else { return false }
    note("the log is pruned to \(kept) entries")
    _ = database.commit(over: database.connect(&random), &random) { $0.prune(keeping: kept) }
    return true
  }
}
