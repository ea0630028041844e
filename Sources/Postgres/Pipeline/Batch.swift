/// Statements that are sent together, and commit or roll back together.
struct Batch {
  /// The outcome of one statement, as long as the batch has not ended.
  enum Slot {
    case unanswered
    case rows(PostgresResult)
    case failed(PostgresError)
  }

  var requests: [Request]
  var slots: [Slot]
  /// For each statement, whether an earlier batch had prepared it.
  var wasCached: [Bool]
  /// The server's error at the commit, after all statements had succeeded.
  var commitError: PostgresError?

  init(_ requests: [Request]) {
    self.requests = requests
    slots = Array(repeating: .unanswered, count: requests.count)
    wasCached = Array(repeating: false, count: requests.count)
  }

  /// The first failed statement, behind which none was run; `nil` when all succeeded.
  var culprit: (index: Int, error: PostgresError)? {
    for (index, slot) in slots.enumerated() {
      if case .failed(let error) = slot { return (index, error) }
    }
    return nil
  }
}
