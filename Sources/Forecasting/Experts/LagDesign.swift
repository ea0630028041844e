/// What an autoregression sees at each time: lagged values less their mean, that mean less the series', and 1.
struct LagDesign {
  /// Ascending.
  let lags: [Int]
  /// First time that has all lags.
  let start: Int
  /// Mean of the values before the first origin.
  let centre: Double
  /// Columns: the lags, their mean, 1.
  let columns: Int
  /// Row by row, one a time from `start` on.
  let rows: [Double]

  private static let mostLags = 12
  /// Where 200 points or more are known at the first origin.
  private static let mostLagsOfLong = 24

  /// The last lags; those about each period and about two of them; none beyond half of what the first origin knows.
  ///
  /// - Parameter first: points known at the first origin, at least 4.
  init(_ values: [Double], periods: [Int], first: Int) {
    var lags = Set(1...min(first < 200 ? Self.mostLags : Self.mostLagsOfLong, first / 4))
    for period in periods {
      lags.formUnion([period - 1, period, period + 1])
      if 2 * period + 1 < first / 3 { lags.insert(2 * period) }
    }
    let sorted = lags.filter { $0 > 0 && $0 <= first / 2 }.sorted()
    let start = sorted[sorted.count - 1]
    let centre = values[..<first].reduce(0, +) / Double(first)
    var rows: [Double] = []
    rows.reserveCapacity((values.count - start) * (sorted.count + 2))
    for time in start..<values.count {
      var sum = 0.0
      for lag in sorted { sum += values[time - lag] }
      let mean = sum / Double(sorted.count)
      for lag in sorted { rows.append(values[time - lag] - mean) }
      rows.append(mean - centre)
      rows.append(1)
    }
    (self.lags, self.start, self.centre, self.rows) = (sorted, start, centre, rows)
    columns = sorted.count + 2
  }
}
