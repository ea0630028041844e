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
  /// Whether its end is a commit.
  let commits: Bool
  /// The server's error at the commit, after all statements had succeeded.
  var commitError: PostgresError?
  /// The server's warning at the commit, which leaves its outcome unknown.
  var commitWarning: String?

  init(_ requests: [Request], commits: Bool) {
    self.requests = requests
    self.commits = commits
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
