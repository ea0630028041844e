/// The outcome of every case between every pair.
struct ResultTable {
  private let cases: [InteropCase]
  private let results: [(pair: Pair, outcomes: [InteropCase: Outcome])]

  init(_ cases: [InteropCase], _ results: [(pair: Pair, outcomes: [InteropCase: Outcome])]) {
    self.cases = cases
    self.results = results
  }

  /// The cases that failed, and how.
  var failures: [String] {
    self.results.flatMap { pair, outcomes in
      self.cases.compactMap { testCase in
        guard case .failed(let failure) = outcomes[testCase] else { return nil }
        return "\(testCase.rawValue), \(pair.client.rawValue) to \(pair.server.rawValue): \(failure)"
      }
    }
  }

  /// A Markdown table with notes.
  func markdown() -> String {
    var notes: [String] = []
    var counts = (passed: 0, limited: 0, failed: 0)
    let heading = ["case"] + self.results.map { "\($0.pair.client.rawValue) → \($0.pair.server.rawValue)" }
    var rows = [heading, heading.map { _ in "---" }]
    for testCase in self.cases {
      rows.append(
        [testCase.rawValue]
          + self.results.map { _, outcomes in
            switch outcomes[testCase] {
            case .passed:
              counts.passed += 1
              return "yes"
            case .limited(let reasons):
              counts.limited += 1
              return "in part: " + reasons.map { String(Self.number(of: $0, in: &notes)) }.joined(separator: ", ")
            case .failed, nil:
              counts.failed += 1
              return "NO"
            }
          })
    }
    let table = rows.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    let remarks = notes.enumerated().map { "\($0.offset + 1). \($0.element)." }.joined(separator: "\n")
    return """
      \(table)

      \(counts.passed) passed, \(counts.limited) in part because a peer can't do all of it, \(counts.failed) failed.

      \(remarks)
      """
  }

  /// The number of a note, which is added unless it is there.
  private static func number(of note: String, in notes: inout [String]) -> Int {
    if let index = notes.firstIndex(of: note) { return index + 1 }
    notes.append(note)
    return notes.count
  }
}
