extension Poller {
  /// Refuses the requests that were not sent, ends the notifications, and lets the rest end.
  func beginClosing() {
    closeDeadline = now + configuration.closeTimeout
    for request in reads.fresh.drain() + writes.fresh.drain() + exclusives.drain() {
      answer(request, .failure(.databaseClosed))
    }
    listener.end()
  }

  /// Whether the database is closing and there is nothing left to wait for.
  var isDone: Bool {
    guard let closeDeadline else { return false }
    if closeDeadline <= now { return true }
    return reads.isEmpty && writes.isEmpty && !connections.contains { $0.isBusy || $0.session != nil }
  }

  /// Closes every connection. What is still running fails as lost.
  func finishClosing() {
    for connection in connections {
      if connection.isBusy || connection.session != nil { lose(connection) } else { _ = connection.disconnect(now) }
    }
    for group in reads.again.drain() + writes.again.drain() {
      for request in group { answer(request, .failure(.databaseClosed)) }
    }
    for request in inbox.closed() { answer(request, .failure(.databaseClosed)) }
  }
}
