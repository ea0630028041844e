/// The constants of exponential smoothing that are tried side by side, two to a vector.
struct SmoothingGrid: Sendable {
  typealias Pair = SIMD2<Double>

  /// Two sets of constants.
  struct Constants: Sendable {
    /// Of the level: how much of a one-step error it takes over.
    let level: Pair
    /// Of the trend, likewise.
    let trend: Pair
    /// Of the season, likewise.
    let season: Pair
    /// What is left of the trend after a step: 1 for a straight one, 0 for none.
    let damping: Pair
  }

  let constants: [Constants]

  /// Smoothing constants of the level.
  static let rates = [0.05, 0.15, 0.3, 0.5, 0.75, 0.99]
  /// What a damped trend keeps a step.
  static let dampingFactor = 0.9
  /// Of the trend, as a share of the level's; and damping.
  private static let trends = [(0.0, 0.0), (0.05, dampingFactor), (0.2, dampingFactor), (0.05, 1), (0.2, 1)]

  /// 30 sets without a season.
  static let plain = SmoothingGrid(seasons: [0])
  /// 60 with one: of the season, as a share of what the level leaves.
  static let seasonal = SmoothingGrid(seasons: [0.1, 0.4])

  private init(seasons: [Double]) {
    var sets: [(level: Double, trend: Double, season: Double, damping: Double)] = []
    for rate in Self.rates {
      for (share, damping) in Self.trends {
        for season in seasons { sets.append((rate, rate * share, season * (1 - rate), damping)) }
      }
    }
    constants = stride(from: 0, to: sets.count, by: 2).map { index in
      let (first, second) = (sets[index], sets[index + 1])
      return Constants(
        level: Pair(first.level, second.level), trend: Pair(first.trend, second.trend),
        season: Pair(first.season, second.season), damping: Pair(first.damping, second.damping))
    }
  }
}
