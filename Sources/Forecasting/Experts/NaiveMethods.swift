import Glibc

/// Paths that repeat what was, or go on as on average so far.
///
/// Each answers one path an end, row by row, `horizon` values each.
enum NaiveMethods {
  /// Repeats the last value.
  static func naive(_ values: [Double], _ backtest: Backtest) -> [Double] {
    paths(backtest) { end, _ in values[end - 1] }
  }

  /// Goes on along the line from the first value to the last, a little less steeply.
  static func drift(_ values: [Double], _ backtest: Backtest) -> [Double] {
    paths(backtest) { end, step in
      let slope = (values[end - 1] - values[0]) / Double(end - 1) * Double(end) / Double(end + 2)
      return values[end - 1] + Double(step + 1) * slope
    }
  }

  /// Repeats the last period.
  static func seasonalNaive(_ values: [Double], period: Int, _ backtest: Backtest) -> [Double] {
    paths(backtest, period: period) { end, step in values[end - period + step] }
  }

  /// The mean of up to eight last periods, each weighing .7 of the next.
  static func seasonalMean(_ values: [Double], period: Int, _ backtest: Backtest) -> [Double] {
    let powers = (0..<8).map { pow(0.7, Double($0)) }
    return paths(backtest, period: period) { end, step in
      var (sum, mass) = (0.0, 0.0)
      for age in 0..<min(end / period, 8) {
        sum += powers[age] * values[end - (age + 1) * period + step]
        mass += powers[age]
      }
      return sum / mass
    }
  }

  /// - Parameter period: steps after which a path repeats itself.
  private static func paths(
    _ backtest: Backtest, period: Int = .max, _ value: (_ end: Int, _ step: Int) -> Double
  ) -> [Double] {
    var paths: [Double] = []
    paths.reserveCapacity((backtest.origins.count + 1) * backtest.horizon)
    for end in backtest.ends {
      for step in 0..<backtest.horizon { paths.append(step < period ? value(end, step) : paths[paths.count - period]) }
    }
    return paths
  }
}
