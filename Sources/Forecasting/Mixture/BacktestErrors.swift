/// How far off an expert was at the backtest origins.
enum BacktestErrors {
  /// Mean absolute error over all origins and known steps, newer origins counting more.
  ///
  /// A step's error counts by the inverse of its number: near steps tell experts apart, far ones are mostly luck.
  static func mean(of paths: [Double], values: [Double], _ backtest: Backtest) -> Double {
    let nearness = (1...backtest.horizon).map { 1 / Double($0) }
    var (sum, mass) = (0.0, 0.0)
    for (index, origin) in backtest.origins.enumerated() {
      let (known, start) = (backtest.known(index), index * backtest.horizon)
      var error = 0.0
      for step in 0..<known { error += (paths[start + step] - values[origin + step]).magnitude * nearness[step] }
      sum += error * backtest.decays[index]
      mass += Double(known) * backtest.decays[index]
    }
    return sum / mass
  }
}
