import Glibc

/// The theta method (Assimakopoulos and Nikolopoulos 2000) on a seasonally adjusted series: simple exponential
/// smoothing plus half the slope of the least-squares line, plus the season again.
enum ThetaMethod {
  static func paths(of values: [Double], period: Int, _ backtest: Backtest) -> [Double] {
    let horizon = backtest.horizon
    let training = max(backtest.first, min(values.count, 8))
    let rate = rate(
      for: SeasonalProfile(values, count: training, period: period).adjusted(values, count: training))
    var paths: [Double] = []
    paths.reserveCapacity((backtest.origins.count + 1) * horizon)
    for end in backtest.ends {
      let profile = SeasonalProfile(values, count: end, period: period)
      let adjusted = profile.adjusted(values, count: end)
      let level = SimpleSmoothing.level(adjusted, rate: rate)
      let slope = LeastSquaresLine(adjusted).slope / 2
      var phase = 0
      for step in 1...horizon {
        paths.append(level + slope * Double(step) + profile.shape[phase])
        phase = phase + 1 == period ? 0 : phase + 1
      }
    }
    return paths
  }

  /// The smoothing constant with the least squares of one-step errors, the first eighth of them left out.
  private static func rate(for values: [Double]) -> Double {
    guard values.count >= 3 else { return 0.5 }
    var best = (rate: 0.5, squares: Double.infinity)
    for rate in SmoothingGrid.rates {
      let squares = SimpleSmoothing.squares(values, rate: rate, from: values.count / 8 + 1)
      if squares < best.squares { best = (rate, squares) }
    }
    return best.rate
  }
}

/// Simple exponential smoothing (Brown 1956): `level += rate (value - level)` from the first value on.
private enum SimpleSmoothing {
  static func level(_ values: [Double], rate: Double) -> Double {
    var level = values[0]
    for value in values { level = (1 - rate) * level + rate * value }
    return level
  }

  /// Sum of the squared one-step errors at the times from `start` on.
  static func squares(_ values: [Double], rate: Double, from start: Int) -> Double {
    var (level, squares) = (values[0], 0.0)
    for time in 1..<values.count {
      let error = values[time] - level
      if time >= start { squares += error * error }
      level += rate * error
    }
    return squares
  }
}
