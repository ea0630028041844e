import CLibPQ
import Logging

extension Poller {
  /// Answers the callers of a batch that has ended, or sends it again.
  func settle(_ batch: Batch, of connection: PooledConnection) {
    if let session = connection.session { return settle(batch, of: session, on: connection) }
    if connection.lane == .listen { return settleListening(batch) }
    let conclusion = connection.lane == .read ? batch.concludeReads() : batch.concludeWrites()
    if let stale = conclusion.stale { connection.forget(stale) }
    for (request, result) in conclusion.answered { answer(request, result) }
    for group in conclusion.again {
      // A write keeps its deadline: it must not be committed long after its caller gave up.
      for request in group where request.isRead { request.deadline = now + configuration.queueTimeout }
      switch connection.lane {
      case .read: reads.again.append(group)
      case .write: writes.again.append(group)
      case .exclusive, .listen:
        if !send(group, on: connection) { return lose(connection) }
      }
    }
  }

  private func settle(_ batch: Batch, of session: Session, on connection: PooledConnection) {
    let request = batch.requests[0]
    let conclusion = batch.concludeWrites()
    if let stale = conclusion.stale {
      connection.forget(stale)
      if stale.opensTransaction {
        if !connection.send([stale], prelude: ["ROLLBACK"] + session.begin, now: now) { lose(connection) }
        return
      }
      // Later in a transaction nothing can be repeated: the caller gets the error, and the next transaction succeeds.
      answer(request, .failure(batch.culprit?.error ?? .connectionLost))
    }
    for (request, result) in conclusion.answered where !isOutside(connection, request) { answer(request, result) }
    if case .finish = request.kind {
      release(session, from: connection)
    } else if isOutside(connection, request) {
      // A script ended the transaction, or BEGIN failed: no further statement may run here as if it were inside.
      if conclusion.stale == nil {
        answer(request, .failure(batch.culprit?.error ?? .sessionState("outside its transaction")))
      }
      lose(connection)
    } else {
      dispatch(session, on: connection)
    }
  }

  private func isOutside(_ connection: PooledConnection, _ request: Request) -> Bool {
    if case .finish = request.kind { return false }
    return connection.transactionStatus != PQTRANS_INTRANS && connection.transactionStatus != PQTRANS_INERROR
  }

  /// Ends a transaction: the connection is free again, unless a script may have changed it.
  func release(_ session: Session, from connection: PooledConnection) {
    for late in session.queue.drain() { answer(late, .failure(.transactionOver)) }
    session.connection = nil
    connection.session = nil
    if session.ranScript { retire(connection) } else { checkIdle(connection) }
  }

  /// Closes a connection on which a statement has opened a transaction.
  func checkIdle(_ connection: PooledConnection) {
    guard connection.isReady, connection.session == nil, !connection.isBusy,
      connection.transactionStatus != PQTRANS_IDLE
    else { return }
    logger.error(
      "a statement left its connection inside a transaction: closing it", metadata: ["lane": "\(connection.lane)"])
    retire(connection)
  }

  private func retire(_ connection: PooledConnection) {
    _ = connection.disconnect(now)
  }

  /// Drops a connection that is gone. The outcome of what was running on it is unknown; reads are sent again, once.
  /// - Parameter reason: The reason, if it is not the connection's own.
  func lose(_ connection: PooledConnection, because reason: String? = nil) {
    switch connection.lane {
    case .read: lose(connection, because: reason, returning: &reads)
    case .listen: loseListening(because: reason ?? connection.endReason)
    case .write, .exclusive:
      // Only reads come back.
      var nothing = LaneQueue()
      lose(connection, because: reason, returning: &nothing)
    }
  }

  func lose(_ connection: PooledConnection, because reason: String? = nil, returning queue: inout LaneQueue) {
    let reason = reason ?? connection.endReason
    let error = PostgresError.lost(because: reason)
    logger.warning(
      "lost a connection to PostgreSQL",
      metadata: [
        "lane": "\(connection.lane)", "connection": "\(connection.index)", "reason": "\(reason ?? "unknown")",
      ])
    for batch in connection.disconnect(now) {
      var group: [Request] = []
      for request in batch.requests {
        if request.isRead, request.attempts == 0 {
          request.attempts += 1
          request.deadline = now + configuration.queueTimeout
          group.append(request)
        } else {
          answer(request, .failure(error))
        }
      }
      if !group.isEmpty { queue.again.append(group) }
    }
    guard let session = connection.session else { return }
    for request in session.queue.drain() {
      if case .finish(_, commit: false) = request.kind {
        answer(request, .success(PostgresRows(result: nil)))
      } else {
        answer(request, .failure(error))
      }
    }
    session.connection = nil
    connection.session = nil
  }
}
