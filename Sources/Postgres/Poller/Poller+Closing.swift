extension Poller {
  /// Refuses what was not sent; the rest may end.
  func beginClosing() {
    closeDeadline = now + configuration.closeTimeout
    for request in reads.fresh.drain() + writes.fresh.drain() + exclusives.drain() {
      answer(request, .failure(.databaseClosed))
    }
  }

  /// Closing, and nothing is left to wait for.
  var isDone: Bool {
    guard let closeDeadline else { return false }
    if closeDeadline <= now { return true }
    return reads.isEmpty && writes.isEmpty && !links.contains { $0.isBusy || $0.session != nil }
  }

  /// Closes every connection; what is still running loses it.
  func finishClosing() {
    for link in links {
      if link.isBusy || link.session != nil { lose(link) } else { _ = link.disconnect(now) }
    }
    for group in reads.again.drain() + writes.again.drain() {
      for request in group { answer(request, .failure(.databaseClosed)) }
    }
    for request in inbox.closed() { answer(request, .failure(.databaseClosed)) }
  }
}
