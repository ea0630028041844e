import Glibc

/// In which units the errors of a positive channel's path are of one size: its own, their square roots, or logarithms.
package enum NoiseSpace: Double, Sendable, CaseIterable {
  case level = 1
  case root = 0.5
  case logarithm = 0

  /// Log-likelihood that a skewed space must win by, in full for the logarithm.
  private static let bias = 0.04

  /// To these units, of a positive value.
  func enter(_ value: Double) -> Double {
    switch self {
    case .level: value
    case .root: 2 * value.squareRoot()
    case .logarithm: log(value)
    }
  }

  /// The likeliest space under Laplace errors that grow with the square root of the step.
  ///
  /// - Parameters:
  ///   - values: normalised.
  ///   - floor: that paths are raised to, in the channel's units; positive.
  static func likeliest(
    _ mixture: PathMixture, values: [Double], normalisation: Normalisation, floor: Double
  ) -> NoiseSpace {
    let backtest = mixture.backtest
    let sizes = (1...backtest.horizon).map { 1 / Double($0).squareRoot() }
    var (level, root, logarithm, logValue, mass) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for (index, origin) in backtest.origins.enumerated() {
      let decay = backtest.decays[index]
      for step in 0..<backtest.known(index) {
        let path = normalisation.undo(mixture.backtestPaths[index * backtest.horizon + step])
        let (value, floored) = (normalisation.undo(values[origin + step]), max(path, floor))
        let (positive, weight) = (max(value, floor), decay * sizes[step])
        level += weight * (value - path).magnitude
        root += weight * (2 * positive.squareRoot() - 2 * floored.squareRoot()).magnitude
        let logPositive = log(positive)
        logarithm += weight * (logPositive - log(floored)).magnitude
        logValue += decay * logPositive
        mass += decay
      }
    }
    func cost(_ space: NoiseSpace, _ sum: Double) -> Double {
      log(sum / mass + 1e-300) + (1 - space.rawValue) * (logValue / mass + bias)
    }
    var best = (space: NoiseSpace.level, cost: cost(.level, level))
    for (space, sum) in [(NoiseSpace.root, root), (.logarithm, logarithm)] {
      let cost = cost(space, sum)
      if cost < best.cost { best = (space, cost) }
    }
    return best.space
  }
}
