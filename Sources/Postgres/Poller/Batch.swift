/// Statements sent together, that commit or roll back together.
struct Batch {
  /// How one statement of a batch fared, before the batch has ended.
  enum Slot {
    case unanswered
    case rows(PostgresResult)
    case failed(PostgresError)
  }

  var requests: [Request]
  var slots: [Slot]
  /// Which statements had been prepared by an earlier batch.
  var wasCached: [Bool]
  /// The server's error after all statements had succeeded: at the commit.
  var commitError: PostgresError?

  init(_ requests: [Request]) {
    self.requests = requests
    slots = Array(repeating: .unanswered, count: requests.count)
    wasCached = Array(repeating: false, count: requests.count)
  }

  /// The first failed statement; those after it were not run.
  var culprit: (index: Int, error: PostgresError)? {
    for (index, slot) in slots.enumerated() {
      if case .failed(let error) = slot { return (index, error) }
    }
    return nil
  }
}
