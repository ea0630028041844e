import CLibPQ

extension PooledConnection {
  /// Reads and writes what it can, when the socket is readable or has room. Returns `false` when the connection is
  /// lost.
  func exchange(_ now: MonotonicTime) -> Bool {
    guard let raw = handle?.raw else { return false }
    lastProgress = now
    guard PQconsumeInput(raw) == 1 else {
      // What had arrived before the end still counts: a batch may be complete.
      _ = readResults(raw)
      if !isBusy { endReason = ConnectionFailure.reason(in: PQerrorMessage(raw)) }
      return false
    }
    if watchesWritable, !flush(raw) { return false }
    let isAlive = readResults(raw)
    readNotifications(raw)
    return isAlive && PQstatus(raw) == CONNECTION_OK
  }

  /// Takes the notifications that have arrived, on every connection: libpq would keep them.
  private func readNotifications(_ raw: OpaquePointer) {
    while let notification = PQnotifies(raw) {
      if lane == .listen { notified.insert(String(cString: notification.pointee.relname)) }
      PQfreemem(notification)
    }
  }

  private func readResults(_ raw: OpaquePointer) -> Bool {
    while PQisBusy(raw) == 0 {
      guard let result = PQgetResult(raw) else {
        // The end of one statement's results, or of everything.
        guard stepHasResult else { return true }
        stepHasResult = false
        switch steps.first {
        case .sync:
          // An error at the commit; the end of the batch itself follows.
          break
        case .script:
          _ = steps.popFirst()
          if PQenterPipelineMode(raw) != 1 { return false }
          endBatch()
        default:
          _ = steps.popFirst()
        }
        continue
      }
      if !take(PostgresResult(owning: result), raw: result) { return false }
    }
    return true
  }

  /// Returns `false` when the result says that the connection has ended.
  private func take(_ result: PostgresResult, raw: OpaquePointer) -> Bool {
    guard let step = steps.first else { return false }
    switch PQresultStatus(raw) {
    case PGRES_PIPELINE_SYNC:
      guard case .sync = step else { return false }
      _ = steps.popFirst()
      stepHasResult = false
      endBatch()
      // Nobody's statements pace the connection that listens: see `loseListening`.
      if lane != .listen { backoff.reset() }
      return true
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
      stepHasResult = true
      if case .execute(let position) = step { record(.rows(result), at: position) }
      if case .script = step { recordScript(result) }
      return true
    case PGRES_PIPELINE_ABORTED:
      stepHasResult = true
      if case .prepare(let key?, _) = step { cache.remove(key) }
      return true
    case PGRES_FATAL_ERROR, PGRES_NONFATAL_ERROR, PGRES_BAD_RESPONSE:
      if PostgresError.endsConnection(raw) {
        endReason = ConnectionFailure.reason(in: PQresultErrorMessage(raw))
        return false
      }
      take(PostgresError(result: raw), at: step)
      return true
    default:
      // COPY from a script: its protocol is not spoken here.
      return false
    }
  }

  private func take(_ error: PostgresError, at step: Step) {
    switch step {
    case .control:
      stepHasResult = true
      record(.failed(error), at: 0)
    case .script:
      stepHasResult = true
      batches.withFirst { $0.slots[0] = .failed(error) }
    case .prepare(let key, let position):
      stepHasResult = true
      if let key { cache.remove(key) }
      record(.failed(error), at: position)
    case .execute(let position):
      stepHasResult = true
      record(.failed(error), at: position)
    case .barrier, .sync:
      stepHasResult = true
      batches.withFirst { if $0.commitError == nil { $0.commitError = error } }
    }
  }

  /// Records an outcome; the first one stands, as nothing after a failure was run.
  private func record(_ slot: Batch.Slot, at position: Int) {
    batches.withFirst { batch in
      if case .unanswered = batch.slots[position] { batch.slots[position] = slot }
    }
  }

  /// Records the result of one of a script's statements. The last one stands, unless one failed.
  private func recordScript(_ result: PostgresResult) {
    batches.withFirst { batch in
      if case .failed = batch.slots[0] { return }
      batch.slots[0] = .rows(result)
    }
  }

  private func endBatch() {
    guard let batch = batches.popFirst() else { return }
    outstanding -= batch.requests.count
    ended.append(batch)
  }
}
