/// Ridge autoregressions (Hoerl and Kennard 1970) of a series' growth over 1 point and over its first periods, solved
/// anew at every origin.
enum RidgeAutoregression {
  /// Paths of each growth that there is enough history for, one path an end, row by row.
  static func paths(of values: [Double], periods: [Int], _ backtest: Backtest) -> [[Double]] {
    let design = LagDesign(values, periods: periods, first: backtest.first)
    let spans = [1] + periods.filter { $0 + 1 < backtest.first / 2 }.prefix(2)
    let targets = spans.map { span in
      (design.start..<values.count).map { values[$0] - values[$0 - span] }
    }
    var gram = ForgetfulGram(columns: design.columns, targets: spans.count)
    var paths = Array(repeating: [Double](), count: spans.count)
    var bounds = (low: values[0], high: values[0])
    var seen = 0
    for end in backtest.ends {
      gram.advance(design.rows, targets: targets, to: end - design.start)
      for value in values[seen..<end] { bounds = (min(bounds.low, value), max(bounds.high, value)) }
      seen = end
      for (index, solution) in gram.solutions().enumerated() {
        paths[index] += path(
          of: values, end: end, span: spans[index], solution, design: design, bounds: bounds,
          horizon: backtest.horizon)
      }
    }
    return paths
  }

  /// One forecast after another, never further out than the range of what was seen, again, beyond it.
  private static func path(
    of values: [Double], end: Int, span: Int, _ solution: [Double], design: LagDesign,
    bounds: (low: Double, high: Double), horizon: Int
  ) -> [Double] {
    let (lags, start) = (design.lags, design.start)
    let ofMean = solution[lags.count]
    let constant = solution[lags.count + 1] - ofMean * design.centre
    // The columns are the lags less their mean, and that mean: as weights of the lags themselves.
    let shared = (ofMean - solution[..<lags.count].reduce(0, +)) / Double(lags.count)
    let weights = solution[..<lags.count].map { $0 + shared }
    let room = bounds.high - bounds.low + 1e-9
    var line = Array(values[(end - start)..<end])
    line.reserveCapacity(start + horizon)
    for time in start..<(start + horizon) {
      var next = line[time - span] + constant
      for index in lags.indices { next += weights[index] * line[time - lags[index]] }
      line.append(min(max(next, bounds.low - room), bounds.high + room))
    }
    return Array(line[start...])
  }
}
