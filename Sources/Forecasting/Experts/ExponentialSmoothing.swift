import Glibc

/// Additive exponential smoothing, its constants averaged by how likely each made the one-step errors so far.
enum ExponentialSmoothing {
  typealias Pair = SmoothingGrid.Pair

  /// The first ten errors count whole, further ones by half: they are not independent.
  private static let wholeErrors = 10.0
  private static let furtherShare = 0.5
  /// Exponent below which a weight is lost in rounding.
  private static let negligible = 46.0

  /// One path an end, row by row, and the weighted mean square of the one-step errors over the whole series.
  static func paths(
    of values: [Double], period: Int, _ backtest: Backtest
  ) -> (paths: [Double], meanSquare: Double) {
    let horizon = backtest.horizon
    var state = SmoothingState(values, period: period, first: backtest.first)
    let damped = dampedSteps(horizon)
    var (paths, meanSquare) = ([Double](), 0.0)
    paths.reserveCapacity((backtest.origins.count + 1) * horizon)
    for end in backtest.ends {
      state.advance(values, to: end)
      let weights = weights(state)
      let (mean, squares) = average(state.lanes, weights: weights)
      meanSquare = (squares + 1e-12 * Double(end)) / Double(max(end - state.warmUp, 1))
      let season = (0..<min(period, horizon)).map { step in
        self.season(state.seasons, row: (end + step) % period, weights: weights)
      }
      var phase = 0
      for step in 0..<horizon {
        paths.append(mean.level + damped[step] * mean.damped + Double(step + 1) * mean.straight + season[phase])
        phase = phase + 1 == season.count ? 0 : phase + 1
      }
    }
    return (paths, meanSquare)
  }

  /// Sums of the damping factor's powers.
  private static func dampedSteps(_ horizon: Int) -> [Double] {
    var (sum, power) = (0.0, 1.0)
    return (0..<horizon).map { _ in
      power *= SmoothingGrid.dampingFactor
      sum += power
      return sum
    }
  }

  /// Of each set of constants the likelihood of its errors, normal with a variance of their own; with a sum of 1.
  private static func weights(_ state: SmoothingState) -> [Pair] {
    let ridge = 1e-12 * Double(state.time)
    let errors = Double(state.time - state.warmUp)
    let effective = min(errors, wholeErrors) + furtherShare * max(errors - wholeErrors, 0)
    let least = state.lanes.reduce(Double.infinity) { min($0, $1.squares.min()) } + ridge
    // Beyond this ratio no logarithm is worth taking.
    let limit = effective > 0 ? least * exp(2 * negligible / effective) : .infinity
    func weight(_ squares: Double) -> Double {
      let squares = squares + ridge
      return squares > limit ? 0 : exp(-0.5 * effective * log(squares / least))
    }
    var total = 0.0
    let weights = state.lanes.map { lane in
      let pair = Pair(weight(lane.squares.x), weight(lane.squares.y))
      total += pair.sum()
      return pair
    }
    return weights.map { $0 / total }
  }

  /// Weighted means of the level, of the trends that are damped and of those that are straight, and of the squares.
  private static func average(
    _ lanes: [SmoothingState.Lane], weights: [Pair]
  ) -> ((level: Double, damped: Double, straight: Double), squares: Double) {
    var (level, damped, straight, squares) = (Pair.zero, Pair.zero, Pair.zero, Pair.zero)
    for (lane, weight) in zip(lanes, weights) {
      let isStraight = lane.constants.damping .== 1
      let trend = weight * lane.trend
      level += weight * lane.level
      straight += trend.replacing(with: 0, where: .!isStraight)
      // Without a trend it is 0.
      damped += trend.replacing(with: 0, where: isStraight)
      squares += weight * lane.squares
    }
    return ((level.sum(), damped.sum(), straight.sum()), squares.sum())
  }

  private static func season(_ seasons: [Pair], row: Int, weights: [Pair]) -> Double {
    var sum = Pair.zero
    for index in weights.indices { sum += weights[index] * seasons[row * weights.count + index] }
    return sum.sum()
  }
}
