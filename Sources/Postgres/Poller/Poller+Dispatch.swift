import CLibPQ

extension Poller {
  /// A request from the inbox.
  func accept(_ request: Request) {
    request.deadline = now + configuration.queueTimeout
    switch request.kind {
    case .single(let lane):
      if closeDeadline != nil { return answer(request, .failure(.databaseClosed)) }
      switch lane {
      case .read: reads.fresh.append(request)
      case .write: writes.fresh.append(request)
      case .exclusive: acceptExclusive(request)
      }
    case .open:
      if closeDeadline != nil { return answer(request, .failure(.databaseClosed)) }
      acceptExclusive(request)
    case .statement(let session), .script(let session):
      guard let link = session.link else { return answer(request, .failure(.connectionLost)) }
      session.queue.append(request)
      dispatch(session, on: link)
    case .finish(let session, let commit):
      guard let link = session.link else {
        return answer(request, commit ? .failure(.connectionLost) : .success(PostgresRows(result: nil)))
      }
      session.queue.append(request)
      dispatch(session, on: link)
    }
  }

  private func acceptExclusive(_ request: Request) {
    if exclusives.count >= configuration.transactionQueueLimit {
      let limit = configuration.transactionQueueLimit
      return answer(
        request, .failure(PostgresError(.overloaded, "\(limit) transactions are waiting already: try again later")))
    }
    exclusives.append(request)
  }

  /// Gives waiting requests to free connections.
  func dispatch() {
    dispatch(&reads, to: readLinks)
    dispatch(&writes, to: writeLinks)
    dispatchExclusives()
  }

  private func dispatch(_ queue: inout LaneQueue, to links: [Link]) {
    if queue.isEmpty || queue.isGathering(now) { return }
    var free = 0
    for link in links {
      link.connectIfDue(now)
      if link.isFree { free += 1 }
    }
    for link in links where link.isFree && !queue.isEmpty {
      let share = min(configuration.batchLimit, (queue.fresh.count + free - 1) / free)
      free -= 1
      var isAlive = true
      while isAlive, let group = queue.again.popFirst() {
        isAlive = send(group, on: link)
      }
      var batch: [Request] = []
      batch.reserveCapacity(share)
      while isAlive, batch.count < share, let request = queue.fresh.popFirst() {
        batch.append(request)
      }
      if isAlive { isAlive = send(batch, on: link) }
      // Reads that were on their way come back through this queue.
      if !isAlive { lose(link, returning: &queue) }
    }
  }

  /// Sends those that are still wanted; false when the connection is lost.
  func send(_ requests: [Request], on link: Link) -> Bool {
    var wanted: [Request] = []
    wanted.reserveCapacity(requests.count)
    for request in requests {
      // Sent before and rolled back with its batch; for the first time it is sent in time, or `checkDeadlines` had it.
      if !request.isRead, request.deadline <= now {
        answer(request, .failure(PostgresError(.timeout, "waited for \(configuration.queueTimeout) to be sent again")))
      } else if request.begin() {
        wanted.append(request)
      } else {
        answer(request, .failure(.cancelled))
      }
    }
    return wanted.isEmpty || link.send(wanted, now: now)
  }

  private func dispatchExclusives() {
    while let request = exclusives.first {
      guard let link = exclusiveLinks.first(where: \.isFree) else { return connectExclusives() }
      _ = exclusives.popFirst()
      guard request.begin() else {
        answer(request, .failure(.cancelled))
        continue
      }
      if case .open(let session) = request.kind {
        session.link = link
        link.session = session
        answer(request, .success(PostgresRows(result: nil)))
      } else if !link.send([request], now: now) {
        lose(link)
      }
    }
  }

  /// Opens as many connections as there are requests waiting.
  private func connectExclusives() {
    var wanted = exclusives.count - exclusiveLinks.count(where: \.isConnecting)
    for link in exclusiveLinks where wanted > 0 && !link.isReady && !link.isConnecting {
      link.connectIfDue(now)
      if link.isConnecting { wanted -= 1 }
    }
  }

  /// Sends a transaction's next statement, when its connection has nothing to do.
  func dispatch(_ session: Session, on link: Link) {
    while !link.isBusy, session.link === link, let request = session.queue.popFirst() {
      guard request.begin() else {
        answer(request, .failure(.cancelled))
        continue
      }
      let isAlive: Bool
      switch request.kind {
      case .finish where !session.hasBegun:
        answer(request, .success(PostgresRows(result: nil)))
        release(session, from: link)
        continue
      case .finish:
        isAlive = link.send([request], now: now)
      case .script:
        let begin = session.hasBegun ? "" : session.isolation.begin + ";"
        session.hasBegun = true
        session.ranScript = true
        isAlive = link.sendScript(request, prelude: begin, now: now)
      default:
        request.opensTransaction = !session.hasBegun
        let begin = session.hasBegun ? [] : [session.isolation.begin]
        isAlive = link.send([request], prelude: begin, now: now)
        session.hasBegun = true
      }
      if !isAlive { lose(link) }
    }
  }
}
