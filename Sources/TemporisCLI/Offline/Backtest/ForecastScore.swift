/// How good forecasts were, over any number of steps: the continuous ranked probability score, the absolute error of
/// the median, both in units of the series' own naive error, and the share of the 80 % band.
package struct ForecastScore: Sendable, Hashable {
  /// The levels by which the distribution is scored.
  package static let levels = (1...9).map { Double($0) / 10 }

  /// The steps that were scored.
  package private(set) var count = 0
  /// Those of them whose errors were scaled.
  private var scaledCount = 0
  private var lossSum = 0.0
  private var errorSum = 0.0
  private var coveredCount = 0

  /// Creates a score of nothing.
  package init() {}

  /// Scores a step.
  ///
  /// - Parameters:
  ///   - quantiles: At ``levels``.
  ///   - scale: The series' naive error, above 0. `nil`: there is none, and only the band is scored.
  package mutating func add(actual: Double, quantiles: [Double], scale: Double?) {
    count += 1
    let (low, high) = (quantiles[0], quantiles[8])
    if actual >= low - 4 * low.ulp, actual <= high + 4 * high.ulp { coveredCount += 1 }
    guard let scale else { return }
    var loss = 0.0
    for (level, quantile) in zip(Self.levels, quantiles) {
      let error = actual - quantile
      loss += max(level * error, (level - 1) * error)
    }
    scaledCount += 1
    // Twice the mean pinball loss over evenly spaced levels approaches the CRPS (Gneiting and Ranjan 2011).
    lossSum += 2 * loss / Double(Self.levels.count) / scale
    errorSum += abs(actual - quantiles[4]) / scale
  }

  /// Takes the steps of another in.
  package mutating func add(_ other: ForecastScore) {
    count += other.count
    scaledCount += other.scaledCount
    lossSum += other.lossSum
    errorSum += other.errorSum
    coveredCount += other.coveredCount
  }

  /// The mean scaled CRPS; `nil` without a step whose error was scaled.
  package var crps: Double? { scaledCount > 0 ? lossSum / Double(scaledCount) : nil }
  /// The mean absolute scaled error; `nil` without a step whose error was scaled.
  package var mase: Double? { scaledCount > 0 ? errorSum / Double(scaledCount) : nil }
  /// The share of steps within the 80 % band; `nil` without a step.
  package var coverage: Double? { count > 0 ? Double(coveredCount) / Double(count) : nil }
}
