/// What waits for a pipelined lane.
struct LaneQueue {
  var fresh = FIFO<Request>()
  /// Sent before without effect; each group becomes a batch of its own.
  var again = FIFO<[Request]>()

  var isEmpty: Bool { fresh.isEmpty && again.isEmpty }

  /// When the one that has waited longest gives up, `again` only while there is no connection.
  func deadline(isConnected: Bool) -> MonotonicTime {
    let first = fresh.first?.deadline ?? .distantFuture
    if isConnected { return first }
    return min(first, again.first?.first?.deadline ?? .distantFuture)
  }
}
