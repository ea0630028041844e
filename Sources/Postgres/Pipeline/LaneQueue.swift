/// The requests that wait for a pipelined lane.
struct LaneQueue {
  var fresh = FIFO<Request>()
  /// Requests that were sent before, without effect. Each group becomes a batch of its own.
  var again = FIFO<[Request]>()

  /// The number of callers answered last, and the time until which it pays to wait for them to come back.
  private var expected = 0
  private var gatherDeadline = MonotonicTime(nanoseconds: 0)

  var isEmpty: Bool { fresh.isEmpty && again.isEmpty }

  /// Notes that a batch was answered.
  ///
  /// Callers that write in a loop come back one by one. If each request were sent as it comes, the first would be a
  /// batch alone and all others would wait for its commit. A short wait for the rest halves the commits.
  mutating func noteAnswers(_ count: Int, sent: MonotonicTime, now: MonotonicTime) {
    expected = count
    // An eighth of the time that the commit took: small in proportion, and short when commits are fast.
    gatherDeadline = now + .nanoseconds(min(1_000_000, (now.nanoseconds - sent.nanoseconds) / 8))
  }

  /// Whether more of the last batch's callers are about to come back.
  func isGathering(_ now: MonotonicTime) -> Bool {
    again.isEmpty && !fresh.isEmpty && fresh.count < expected && now < gatherDeadline
  }

  /// The time at which the oldest request gives up. Those in `again` do so only while there is no connection.
  func deadline(isConnected: Bool, now: MonotonicTime) -> MonotonicTime {
    let first = fresh.first?.deadline ?? .distantFuture
    if isConnected { return isGathering(now) ? min(first, gatherDeadline) : first }
    return min(first, again.first?.first?.deadline ?? .distantFuture)
  }
}
