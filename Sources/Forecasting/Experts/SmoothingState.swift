/// Additive exponential smoothing (Holt 1957, Winters 1960; damped as in Gardner and McKenzie 1985) with all constants
/// of a grid side by side, as it passes over a series.
struct SmoothingState {
  typealias Pair = SmoothingGrid.Pair

  /// Two sets of constants and where they stand.
  struct Lane {
    let constants: SmoothingGrid.Constants
    var level: Pair
    var trend: Pair
    /// Sums of the squared one-step errors since the warm-up.
    var squares = Pair.zero
  }

  private let period: Int
  private(set) var lanes: [Lane]
  /// Of each phase of the period one a lane.
  private(set) var seasons: [Pair]
  private(set) var time = 0

  /// Points whose errors do not count: the start was made from them.
  var warmUp: Int { period }

  /// - Parameters:
  ///   - period: 1 for no season. Otherwise the first two cycles give the start.
  ///   - first: points known at the first origin, at least two, and two cycles.
  init(_ values: [Double], period: Int, first: Int) {
    self.period = period
    var (level, trend, season) = (0.0, 0.0, [0.0])
    if period > 1 {
      let (length, second) = (Double(period), values[period..<(2 * period)])
      let means = (values[..<period].reduce(0, +) / length, second.reduce(0, +) / length)
      trend = (means.1 - means.0) / length
      level = means.0 - trend * (length + 1) / 2
      season = (0..<period).map { phase in
        (values[phase] - means.0 + values[period + phase] - means.1) / 2 - trend * (Double(phase) - (length - 1) / 2)
      }
    } else {
      let reach = min(4, first - 1)
      trend = (values[reach] - values[0]) / Double(reach)
      level = values[0] - trend
    }
    let constants = (period > 1 ? SmoothingGrid.seasonal : .plain).constants
    lanes = constants.map { constants in
      Lane(
        constants: constants, level: Pair(repeating: level),
        trend: Pair(constants.damping.x > 0 ? trend : 0, constants.damping.y > 0 ? trend : 0))
    }
    seasons = season.flatMap { repeatElement(Pair(repeating: $0), count: constants.count) }
  }

  /// Passes over the values up to `end`.
  mutating func advance(_ values: [Double], to end: Int) {
    if time < warmUp {
      pass(values[time..<min(end, warmUp)])
      for index in lanes.indices { lanes[index].squares = .zero }
    }
    if time < end { pass(values[time..<end]) }
  }

  private mutating func pass(_ values: ArraySlice<Double>) {
    var row = time % period
    lanes.withUnsafeMutableBufferPointer { lanes in
      seasons.withUnsafeMutableBufferPointer { seasons in
        for value in values {
          let first = row * lanes.count
          for index in lanes.indices {
            let constants = lanes[index].constants
            let trend = constants.damping * lanes[index].trend
            let forecast = lanes[index].level + trend
            let error = value - forecast - seasons[first + index]
            lanes[index].level = forecast + constants.level * error
            lanes[index].trend = trend + constants.trend * error
            // Without a season its constant is 0.
            seasons[first + index] += constants.season * error
            lanes[index].squares += error * error
          }
          row = row + 1 == period ? 0 : row + 1
        }
      }
    }
    time += values.count
  }
}
