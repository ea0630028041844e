import Glibc

/// How much each expert counts in the mixture.
enum ExpertWeights {
  /// How sharply the weights fall with the error; halved when the backtest spans one horizon.
  private static let sharpness = 6.0
  private static let sharpnessHorizons = 1.0
  /// The priors count in full with no backtest, by half when it spans as many horizons.
  private static let priorHorizons = 2.0

  /// Softmax of the errors relative to the least, flatter and closer to the priors the fewer horizons they span.
  ///
  /// - Parameter errors: one an expert; finite, not negative, not empty.
  static func of(_ experts: [Expert], errors: [Double], horizons: Double) -> [Double] {
    let best = (errors.min() ?? 0) + 1e-9
    let trust = priorHorizons / (horizons + priorHorizons)
    let slope = sharpness * horizons / (horizons + sharpnessHorizons)
    let weights = zip(experts, errors).map { expert, error in
      pow(expert.prior, trust) * exp(-slope * (error / best - 1))
    }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }
}
