import CLibPQ
import Logging

extension Poller {
  /// A batch has ended on the server.
  func settle(_ batch: Batch, of link: Link) {
    if let session = link.session { return settle(batch, of: session, on: link) }
    let conclusion = link.lane == .read ? batch.concludeReads() : batch.concludeWrites()
    if let stale = conclusion.stale { link.forget(stale) }
    for (request, result) in conclusion.answered { answer(request, result) }
    for group in conclusion.again {
      // A write keeps its deadline: it must not be committed long after its caller gave up.
      for request in group where request.isRead { request.deadline = now + configuration.queueTimeout }
      switch link.lane {
      case .read: reads.again.append(group)
      case .write: writes.again.append(group)
      case .exclusive:
        if !send(group, on: link) { return lose(link) }
      }
    }
  }

  private func settle(_ batch: Batch, of session: Session, on link: Link) {
    let request = batch.requests[0]
    let conclusion = batch.concludeWrites()
    if let stale = conclusion.stale {
      link.forget(stale)
      if stale.opensTransaction {
        if !link.send([stale], prelude: ["ROLLBACK", session.isolation.begin], now: now) { lose(link) }
        return
      }
      // Later in a transaction there is no going back: the caller sees it, and the next transaction does not.
      answer(request, .failure(batch.culprit?.error ?? .connectionLost))
    }
    for (request, result) in conclusion.answered where !isOutside(link, request) { answer(request, result) }
    if case .finish = request.kind {
      release(session, from: link)
    } else if isOutside(link, request) {
      // A script that ended the transaction, or a BEGIN that failed: nothing may run here as if it were inside.
      if conclusion.stale == nil {
        answer(request, .failure(batch.culprit?.error ?? .sessionState("outside its transaction")))
      }
      lose(link)
    } else {
      dispatch(session, on: link)
    }
  }

  private func isOutside(_ link: Link, _ request: Request) -> Bool {
    if case .finish = request.kind { return false }
    return link.transactionStatus != PQTRANS_INTRANS && link.transactionStatus != PQTRANS_INERROR
  }

  /// The transaction's end: the connection is free again, if it is as it was.
  func release(_ session: Session, from link: Link) {
    for late in session.queue.drain() { answer(late, .failure(.transactionOver)) }
    session.link = nil
    link.session = nil
    if session.ranScript { retire(link) } else { checkIdle(link) }
  }

  /// Between batches a connection outside a transaction is idle, or somebody's statement has opened one.
  func checkIdle(_ link: Link) {
    guard link.isReady, link.session == nil, !link.isBusy, link.transactionStatus != PQTRANS_IDLE else { return }
    logger.error("a statement left its connection inside a transaction: closing it", metadata: ["lane": "\(link.lane)"])
    retire(link)
  }

  private func retire(_ link: Link) {
    _ = link.disconnect(now)
  }

  /// The connection is gone: the outcome of what was running on it is unknown; reads go again, once.
  func lose(_ link: Link) {
    if link.lane == .read {
      lose(link, returning: &reads)
    } else {
      // Only reads come back.
      var nothing = LaneQueue()
      lose(link, returning: &nothing)
    }
  }

  func lose(_ link: Link, returning queue: inout LaneQueue) {
    logger.warning(
      "lost a connection to PostgreSQL", metadata: ["lane": "\(link.lane)", "connection": "\(link.index)"])
    for batch in link.disconnect(now) {
      var group: [Request] = []
      for request in batch.requests {
        if request.isRead, request.attempts == 0 {
          request.attempts += 1
          request.deadline = now + configuration.queueTimeout
          group.append(request)
        } else {
          answer(request, .failure(.connectionLost))
        }
      }
      if !group.isEmpty { queue.again.append(group) }
    }
    guard let session = link.session else { return }
    for request in session.queue.drain() {
      if case .finish(_, commit: false) = request.kind {
        answer(request, .success(PostgresRows(result: nil)))
      } else {
        answer(request, .failure(.connectionLost))
      }
    }
    session.link = nil
    link.session = nil
  }
}
