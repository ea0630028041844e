import Glibc

/// How often each token came in each phase of a period before an origin, newer points counting more.
struct PhaseHistogram {
  /// Rows: the phases of the next steps, the first `rows` of them.
  let rows: Int
  /// Row by row, one a token.
  private(set) var counts: [Double]
  /// Of each row.
  private(set) var masses: [Double]

  /// - Parameters:
  ///   - tokens: of the history; those before `end` are counted.
  ///   - period: 1 to count all phases as one.
  ///   - weights: by age, from 1 at index 0.
  init(_ tokens: [Int], values: Int, before end: Int, period: Int, horizon: Int, weights: [Double]) {
    rows = min(period, horizon)
    counts = Array(repeating: 0, count: rows * values)
    masses = Array(repeating: 0, count: rows)
    for row in 0..<rows {
      for time in stride(from: end - period + row, through: 0, by: -period) {
        let weight = weights[end - time - 1]
        counts[row * values + tokens[time]] += weight
        masses[row] += weight
      }
    }
  }

  /// Weights that fall by e over a span of points, for the ages 1 to `count`.
  static func weights(span: Double, count: Int) -> [Double] {
    (0..<count).map { exp(-Double($0 + 1) / span) }
  }
}
