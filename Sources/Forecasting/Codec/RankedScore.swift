/// Continuous ranked probability scores (Matheson and Winkler 1976) of candidates over a channel's distinct values.
struct RankedScore {
  private let gaps: [Double]
  private let values: [Double]
  private var sums: [Double]
  private var mass = 0.0
  private var decay = 0.0
  /// Of each outcome the index of the first value not below it.
  private var outcomes: [Int] = []

  /// - Parameter values: ascending, two or more.
  init(_ values: [Double], candidates: Int) {
    self.values = values
    gaps = zip(values, values.dropFirst()).map { $1 - $0 }
    sums = Array(repeating: 0, count: candidates)
  }

  /// Decayed mean of each candidate.
  var means: [Double] { sums.map { $0 / mass } }

  /// Takes what followed an origin, to score candidates by.
  mutating func begin(_ outcomes: ArraySlice<Double>, decay: Double) {
    self.outcomes = outcomes.map { outcome in values.partitioningIndex { $0 >= outcome } }
    self.decay = decay
    mass += decay * Double(outcomes.count)
  }

  /// - Parameter probabilities: row `h % rows` is that of step `h`.
  mutating func add(_ candidate: Int, probabilities: [Double], rows: Int) {
    var sum = 0.0
    for row in 0..<min(rows, outcomes.count) {
      // With F the share below, the score is the sum of F^2 gap, and of (1 - 2 F) gap from the outcome on.
      var (share, squares) = (0.0, 0.0)
      var tail = Array(repeating: 0.0, count: gaps.count + 2)
      for index in gaps.indices {
        share += probabilities[row * values.count + index]
        squares += share * share * gaps[index]
        tail[index] = (1 - 2 * share) * gaps[index]
      }
      for index in gaps.indices.reversed() { tail[index] += tail[index + 1] }
      for step in stride(from: row, to: outcomes.count, by: rows) { sum += squares + tail[outcomes[step]] }
    }
    sums[candidate] += decay * sum
  }
}
