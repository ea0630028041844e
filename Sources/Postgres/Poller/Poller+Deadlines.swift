import Logging

extension Poller {
  /// When the next thing is due without any socket's doing.
  func nextDeadline() -> MonotonicTime {
    var next = closeDeadline ?? .distantFuture
    next = min(next, reads.deadline(isConnected: readLinks.contains(where: \.isReady), now: now))
    next = min(next, writes.deadline(isConnected: writeLinks.contains(where: \.isReady), now: now))
    next = min(next, exclusives.first?.deadline ?? .distantFuture)
    for link in links {
      switch link.phase {
      case .down(let retryAt): if isWanted(link) { next = min(next, retryAt) }
      case .connecting(let deadline): next = min(next, deadline)
      case .ready: next = min(next, link.silenceDeadline)
      }
    }
    return next
  }

  private func isWanted(_ link: Link) -> Bool {
    switch link.lane {
    case .read: !reads.isEmpty
    case .write: !writes.isEmpty
    case .exclusive: exclusives.count > exclusiveLinks.count(where: \.isConnecting)
    }
  }

  /// Gives up what has waited too long.
  func checkDeadlines() {
    for link in links {
      switch link.phase {
      case .connecting(let deadline) where deadline <= now: link.connectingTimedOut(now)
      case .ready where link.silenceDeadline <= now: lose(link)
      default: break
      }
    }
    expire(&reads, readLinks)
    expire(&writes, writeLinks)
    while let request = exclusives.first, request.deadline <= now {
      _ = exclusives.popFirst()
      answer(request, .failure(waitedTooLong(for: exclusiveLinks)))
    }
  }

  private func expire(_ queue: inout LaneQueue, _ links: [Link]) {
    if queue.isEmpty { return }
    while let request = queue.fresh.first, request.deadline <= now {
      _ = queue.fresh.popFirst()
      answer(request, .failure(waitedTooLong(for: links)))
    }
    if links.contains(where: \.isReady) { return }
    while let group = queue.again.first, let first = group.first, first.deadline <= now {
      _ = queue.again.popFirst()
      for request in group { answer(request, .failure(waitedTooLong(for: links))) }
    }
  }

  private func waitedTooLong(for links: [Link]) -> PostgresError {
    let waited = configuration.queueTimeout
    if links.contains(where: \.isReady) {
      return PostgresError(.timeout, "no connection was free for \(waited): all are busy")
    }
    let reason = links.lazy.compactMap(\.failure).first ?? "not connected yet"
    return PostgresError(.connectionFailed, "no connection to PostgreSQL for \(waited): \(reason)")
  }
}
