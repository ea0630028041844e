/// The forecast that repeats the last season, with normal errors (Hyndman and Athanasopoulos, Forecasting: Principles
/// and Practice, 3rd edition, section 5.5): what any other forecast has to be better than.
package struct SeasonalNaive: Sendable {
  /// The standard normal's quantiles at the levels of a score.
  private static let normal = [
    -1.2815515655446004, -0.8416212335729143, -0.5244005127080409, -0.2533471031357997, 0, 0.2533471031357997,
    0.5244005127080409, 0.8416212335729143, 1.2815515655446004,
  ]

  /// The season in points. 1: the last value is repeated.
  package let season: Int
  /// The mean absolute error of the history by its own season before, or, of one that repeats itself to the digit, the
  /// mean change from value to value: scores are scaled by it (Hyndman and Koehler 2006). `nil`: it never changes.
  package let scale: Double?
  private let cycle: [Double]
  private let spread: Double

  /// Takes a history, the oldest value first, which has one at least.
  ///
  /// - Parameter season: In points; a history of no more than one of them has none.
  package init(_ history: [Double], season: Int) {
    let wanted = max(season, 1)
    let season = history.count > wanted + 1 ? wanted : 1
    self.season = season
    cycle = Array(history.suffix(season))
    let errors = zip(history.dropFirst(season), history).map { abs($0 - $1) }
    let count = Double(max(errors.count, 1))
    spread = (errors.reduce(0) { $0 + $1 * $1 } / count).squareRoot()
    let mean = errors.reduce(0, +) / count
    let steps = zip(history.dropFirst(), history).map { abs($0 - $1) }
    let step = steps.reduce(0, +) / Double(max(steps.count, 1))
    let level = history.lazy.map { abs($0) }.max() ?? 0
    // Less is rounding.
    scale = [mean, step].first { $0 > 8 * level.ulp }
  }

  /// The quantiles at the levels of a score.
  ///
  /// - Parameter step: From 0.
  package func quantiles(step: Int) -> [Double] {
    let deviation = spread * Double(step / season + 1).squareRoot()
    let value = cycle[step % season]
    return Self.normal.map { value + $0 * deviation }
  }
}
