import CLibPQ

extension Poller {
  /// Accepts a request from the inbox.
  func accept(_ request: Request) {
    request.deadline = now + min(configuration.queueTimeout, request.patience ?? configuration.queueTimeout)
    switch request.kind {
    case .read, .write, .alone, .open:
      if closeDeadline != nil { return answer(request, .failure(.databaseClosed)) }
      queue(request)
    case .statement(let session), .script(let session):
      guard let connection = session.connection else { return answer(request, .failure(.connectionLost)) }
      session.queue.append(request)
      dispatch(session, on: connection)
    case .finish(let session, let commit):
      guard let connection = session.connection else {
        return answer(request, commit ? .failure(.connectionLost) : .success(PostgresRows(result: nil)))
      }
      session.queue.append(request)
      dispatch(session, on: connection)
    case .listen(let subscription):
      if closeDeadline == nil { listener.add(subscription) } else { subscription.end() }
      answer(request, .success(PostgresRows(result: nil)))
    case .unlisten(let subscription):
      stopListening(subscription)
      answer(request, .success(PostgresRows(result: nil)))
    }
  }

  private func queue(_ request: Request) {
    switch request.kind {
    case .read: reads.fresh.append(request)
    case .write: writes.fresh.append(request)
    default: queueExclusive(request)
    }
  }

  private func queueExclusive(_ request: Request) {
    if exclusives.count >= configuration.transactionQueueLimit {
      let limit = configuration.transactionQueueLimit
      return answer(
        request, .failure(PostgresError(.overloaded, "\(limit) transactions are waiting already: try again later")))
    }
    exclusives.append(request)
  }

  /// Gives waiting requests to free connections.
  func dispatch() {
    dispatch(&reads, to: readConnections)
    dispatch(&writes, to: writeConnections)
    dispatchExclusives()
    dispatchListening()
  }

  private func dispatch(_ queue: inout LaneQueue, to connections: [PooledConnection]) {
    if queue.isEmpty || queue.isGathering(now) { return }
    var free = 0
    for connection in connections {
      connection.connectIfDue(now)
      if connection.isFree { free += 1 }
    }
    for connection in connections where connection.isFree && !queue.isEmpty {
      let share = min(configuration.batchLimit, (queue.fresh.count + free - 1) / free)
      free -= 1
      var isAlive = true
      while isAlive, let group = queue.again.popFirst() {
        isAlive = send(group, on: connection)
      }
      var batch: [Request] = []
      batch.reserveCapacity(share)
      while isAlive, batch.count < share, let request = queue.fresh.popFirst() {
        batch.append(request)
      }
      if isAlive { isAlive = send(batch, on: connection) }
      // Reads that were running come back through this queue.
      if !isAlive { lose(connection, returning: &queue) }
    }
  }

  /// Sends the requests that are still wanted. Returns `false` when the connection is lost.
  func send(_ requests: [Request], on connection: PooledConnection) -> Bool {
    var wanted: [Request] = []
    wanted.reserveCapacity(requests.count)
    for request in requests {
      // It was sent before and rolled back with its batch, or waited behind one whose caller waits for longer.
      // `checkDeadlines` gives up the others.
      if request.deadline <= now {
        answer(request, .failure(PostgresError(.timeout, "waited too long for its turn")))
      } else if request.begin() {
        wanted.append(request)
      } else {
        answer(request, .failure(.cancelled))
      }
    }
    return wanted.isEmpty || connection.send(wanted, now: now)
  }

  private func dispatchExclusives() {
    while let request = exclusives.first {
      guard let connection = exclusiveConnections.first(where: \.isFree) else { return connectExclusives() }
      _ = exclusives.popFirst()
      guard request.begin() else {
        answer(request, .failure(.cancelled))
        continue
      }
      if case .open(let session) = request.kind {
        session.connection = connection
        connection.session = session
        answer(request, .success(PostgresRows(result: nil)))
      } else if !connection.send([request], now: now) {
        lose(connection)
      }
    }
  }

  /// Opens as many connections as there are requests that wait.
  private func connectExclusives() {
    var wanted = exclusives.count - exclusiveConnections.count(where: \.isConnecting)
    for connection in exclusiveConnections where wanted > 0 && !connection.isReady && !connection.isConnecting {
      connection.connectIfDue(now)
      if connection.isConnecting { wanted -= 1 }
    }
  }

  /// Sends a transaction's next statement, when its connection is idle.
  func dispatch(_ session: Session, on connection: PooledConnection) {
    while !connection.isBusy, session.connection === connection, let request = session.queue.popFirst() {
      guard request.begin() else {
        answer(request, .failure(.cancelled))
        continue
      }
      let isAlive: Bool
      switch request.kind {
      case .finish where !session.hasBegun:
        answer(request, .success(PostgresRows(result: nil)))
        release(session, from: connection)
        continue
      case .finish:
        isAlive = connection.send([request], now: now)
      case .script:
        let begin = session.hasBegun ? [] : session.begin
        session.hasBegun = true
        session.ranScript = true
        isAlive = connection.sendScript(request, prelude: begin, now: now)
      default:
        request.opensTransaction = !session.hasBegun
        let begin = session.hasBegun ? [] : session.begin
        isAlive = connection.send([request], prelude: begin, now: now)
        session.hasBegun = true
      }
      if !isAlive { lose(connection) }
    }
  }
}
