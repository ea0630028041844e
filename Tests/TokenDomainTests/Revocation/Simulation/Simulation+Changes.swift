import TokenDomain

extension Simulation {
  /// A client asks a replica for a change, perhaps for one that it has asked for before.
  func ask() -> Bool {
    guard let replica = replica(where: { $0.queue.count < 2 && $0.waits.count < 3 }) else { return false }
    let kind = profile.kind(using: &random)
    let subject: Subject =
      if kind.isOfAccount {
        .account(random.below(Subject.accountCount))
      } else {
        .credential(random.below(Subject.credentialCount))
      }
    let reversals = promises.begin(kind, of: subject)
    let change = Change(number: number(), kind: kind, subject: subject, reversals: reversals)
    note("replica \(replica.number): asked for change \(change.number), \(kind) \(subject)")
    replica.queue.append(change)
    return true
  }

  /// Takes the transaction of a replica's changes a step further.
  func stepBatch() -> Bool {
    guard let replica = replica(where: { $0.batch != nil || !$0.queue.isEmpty }) else { return false }
    guard let batch = replica.batch else { return begin(at: replica) }
    guard database.isOpen(batch.connection) else {
      note("replica \(replica.number): its transaction's connection is lost")
      end(batch, at: replica)
      return true
    }
    guard batch.revisions != nil else { return number(batch, at: replica) }
    commit(batch, at: replica)
    return true
  }

  private func begin(at replica: SimulatedReplica) -> Bool {
    let connection = database.connect(&random)
    var changes: [Change] = []
    var rest: [Change] = []
    for change in replica.queue {
      if !database.isPrimary(connection) || database.locks.lock(change.subject, for: replica.number) {
        changes.append(change)
      } else {
        rest.append(change)
      }
    }
    guard !changes.isEmpty else { return false }
    note("replica \(replica.number): begins with \(changes.map(\.number))")
    replica.queue = rest
    replica.batch = SimulatedReplica.Batch(changes: changes, connection: connection)
    return true
  }

  /// Locks the counter's row, last, and so knows the revisions of what there is to change.
  private func number(_ batch: SimulatedReplica.Batch, at replica: SimulatedReplica) -> Bool {
    let tables = database.tables(over: batch.connection)
    let effective = batch.changes.map { tables.allows($0.kind, of: $0.subject) }
    if database.isPrimary(batch.connection), !database.locks.lockCounter(for: replica.number) { return false }
    var revision = tables.end.revision
    replica.batch?.revisions = zip(batch.changes, effective).map { change, isEffective in
      guard isEffective else { return (change, nil) }
      revision += 1
      return (change, LogPosition(revision: revision, tag: random.next()))
    }
    return true
  }

  /// Sends COMMIT.
  func commit(_ batch: SimulatedReplica.Batch, at replica: SimulatedReplica) {
    let revisions = batch.revisions ?? []
    var last = database.tables(over: batch.connection).end
    // The old primary may have numbered another change since, as its locks are not simulated.
    if let first = revisions.lazy.compactMap(\.1).first, first.revision != last.revision + 1 {
      end(batch, at: replica)
      return
    }
    let outcome = database.commit(over: batch.connection, &random) { tables in
      for case (let change, let position?) in revisions {
        _ = tables.apply(change.kind, of: change.subject, at: position)
      }
      last = tables.end
      // The counter's row is written although there may be nothing to change.
      return true
    }
    guard outcome == .committed else {
      note("replica \(replica.number): COMMIT of \(batch.changes.map(\.number)) without an outcome")
      happens(.unknownOutcome)
      end(batch, at: replica)
      return
    }
    end(batch, at: replica)
    for (change, position) in revisions {
      let waited = position ?? last
      note("replica \(replica.number): change \(change.number) is committed, waits for \(waited.text)")
      let barrier = RevocationBarrier(for: waited, at: replica.clock.instant(at: time))
      replica.waits.append(SimulatedReplica.Wait(change: change, hadEffect: position != nil, barrier: barrier))
    }
  }

  /// Ends a transaction: what it has not committed will not be.
  func end(_ batch: SimulatedReplica.Batch, at replica: SimulatedReplica) {
    for change in batch.changes { promises.settle(change) }
    database.locks.end(of: replica.number)
    replica.batch = nil
  }
}
