/// One way to continue a channel, forecast from every backtest origin and from the end.
protocol PathExpert: Sendable {
  /// How complex it is; simpler experts win ties.
  var complexity: Double { get }

  /// One path of `horizon` points an origin; each may use only the points before its own origin.
  ///
  /// - Parameter origins: ascending, the last of them the count of values.
  /// - Returns: nil when the first origin knows too few points.
  func paths(of values: [Double], origins: [Int], horizon: Int) -> [[Double]]?
}

/// Repeats the last value.
struct NaiveExpert: PathExpert {
  let complexity = 0.0

  func paths(of values: [Double], origins: [Int], horizon: Int) -> [[Double]]? {
    origins.map { Array(repeating: values[$0 - 1], count: horizon) }
  }
}

/// Repeats the last period.
struct SeasonalNaiveExpert: PathExpert {
  let complexity = 0.5
  let period: Int

  func paths(of values: [Double], origins: [Int], horizon: Int) -> [[Double]]? {
    guard let first = origins.first, first >= period else { return nil }
    return origins.map { origin in (0..<horizon).map { values[origin - period + $0 % period] } }
  }
}
