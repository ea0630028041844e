/// What waits for a pipelined lane.
struct LaneQueue {
  var fresh = FIFO<Request>()
  /// Sent before without effect; each group becomes a batch of its own.
  var again = FIFO<[Request]>()

  /// How many callers were answered last, and until when it pays to wait for them to come back.
  private var expected = 0
  private var gatherDeadline = MonotonicTime(nanoseconds: 0)

  var isEmpty: Bool { fresh.isEmpty && again.isEmpty }

  /// Callers that write in a loop come back one by one: sent as they come, the first would be a batch alone and all others
  /// would wait for its commit. Waiting a little for the rest halves the commits.
  mutating func noteAnswers(_ count: Int, sent: MonotonicTime, now: MonotonicTime) {
    expected = count
    // An eighth of the time that the commit took: never much in proportion, and little when commits are fast.
    gatherDeadline = now + .nanoseconds(min(1_000_000, (now.nanoseconds - sent.nanoseconds) / 8))
  }

  /// More of the last batch's callers are about to come back.
  func isGathering(_ now: MonotonicTime) -> Bool {
    again.isEmpty && !fresh.isEmpty && fresh.count < expected && now < gatherDeadline
  }

  /// When the one that has waited longest gives up, `again` only while there is no connection.
  func deadline(isConnected: Bool, now: MonotonicTime) -> MonotonicTime {
    let first = fresh.first?.deadline ?? .distantFuture
    if isConnected { return isGathering(now) ? min(first, gatherDeadline) : first }
    return min(first, again.first?.first?.deadline ?? .distantFuture)
  }
}
