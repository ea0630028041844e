import Logging

extension Poller {
  /// The time of the next action that no socket triggers.
  func nextDeadline() -> MonotonicTime {
    var next = closeDeadline ?? .distantFuture
    next = min(next, reads.deadline(isConnected: readConnections.contains(where: \.isReady), now: now))
    next = min(next, writes.deadline(isConnected: writeConnections.contains(where: \.isReady), now: now))
    next = min(next, exclusives.first?.deadline ?? .distantFuture)
    for connection in connections {
      switch connection.phase {
      case .down(let retryAt): if isWanted(connection) { next = min(next, retryAt) }
      case .connecting(let deadline), .settingUp(let deadline): next = min(next, deadline)
      case .ready: next = min(next, connection.silenceDeadline)
      }
    }
    return next
  }

  private func isWanted(_ connection: PooledConnection) -> Bool {
    switch connection.lane {
    case .read: !reads.isEmpty
    case .write: !writes.isEmpty
    case .exclusive: exclusives.count > exclusiveConnections.count(where: \.isConnecting)
    case .listen: listener.isWanted
    }
  }

  /// Gives up whatever has waited too long.
  func checkDeadlines() {
    for connection in connections {
      switch connection.phase {
      case .connecting(let deadline), .settingUp(let deadline):
        if deadline <= now { connection.connectingTimedOut(now) }
      case .ready where connection.silenceDeadline <= now:
        lose(connection, because: "the server was silent for too long")
      case .ready, .down: break
      }
    }
    expire(&reads, readConnections)
    expire(&writes, writeConnections)
    while let request = exclusives.first, request.deadline <= now {
      _ = exclusives.popFirst()
      answer(request, .failure(waitedTooLong(for: exclusiveConnections)))
    }
  }

  private func expire(_ queue: inout LaneQueue, _ connections: [PooledConnection]) {
    if queue.isEmpty { return }
    while let request = queue.fresh.first, request.deadline <= now {
      _ = queue.fresh.popFirst()
      answer(request, .failure(waitedTooLong(for: connections)))
    }
    if connections.contains(where: \.isReady) { return }
    while let group = queue.again.first, let first = group.first, first.deadline <= now {
      _ = queue.again.popFirst()
      for request in group { answer(request, .failure(waitedTooLong(for: connections))) }
    }
  }

  private func waitedTooLong(for connections: [PooledConnection]) -> PostgresError {
    let waited = configuration.queueTimeout
    if connections.contains(where: \.isReady) {
      return PostgresError(.timeout, "no connection was free for \(waited): all are busy")
    }
    let reason = connections.lazy.compactMap(\.failure).first ?? "not connected yet"
    return PostgresError(.connectionFailed, "no connection to PostgreSQL for \(waited): \(reason)")
  }
}
