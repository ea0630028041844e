import Glibc

/// The expected path of a channel and the errors that the same recipe made at the backtest origins.
package struct PathFit: Sendable {
  /// What followed one origin, as far as the context knows it, less what was forecast from there.
  package struct Backtest: Sendable {
    /// How many points were known.
    package let origin: Int
    /// Errors of the first steps; at most the horizon, fewer near the end of the context.
    package let errors: [Double]
  }

  /// One expected normalised value a step.
  package let path: [Double]
  /// By origin, ascending; empty for a short context.
  package let backtests: [Backtest]

  private static let sharpness = 6.0
  private static let complexityPenalty = 0.15
  private static let halfLifeHorizons = 4.0

  /// Mixes the experts by their backtest errors, recent ones counting more; errors are those of the same mixture.
  ///
  /// - Parameter values: normalised, not empty. Fewer than 8 of them get the naive path.
  init(_ values: [Double], horizon: Int, experts: [any PathExpert]) {
    let origins = BacktestOrigins.of(count: values.count, horizon: horizon)
    let ends = origins + [values.count]
    let candidates: [(complexity: Double, paths: [[Double]])] = experts.compactMap { expert in
      guard let paths = expert.paths(of: values, origins: ends, horizon: horizon) else { return nil }
      return (expert.complexity, paths)
    }
    let outcomes = origins.map { values[$0..<min($0 + horizon, values.count)] }
    let weights = Self.weights(of: candidates, origins: origins, outcomes: outcomes, count: values.count, horizon)
    func mixture(_ origin: Int) -> [Double] {
      var mixed = Array(repeating: 0.0, count: horizon)
      for (weight, candidate) in zip(weights, candidates) where weight > 0 {
        for step in 0..<horizon { mixed[step] += weight * candidate.paths[origin][step] }
      }
      return mixed
    }
    path = mixture(origins.count)
    backtests = origins.indices.map { index in
      Backtest(origin: origins[index], errors: zip(outcomes[index], mixture(index)).map { $0 - $1 })
    }
  }

  private static func weights(
    of candidates: [(complexity: Double, paths: [[Double]])], origins: [Int], outcomes: [ArraySlice<Double>],
    count: Int, _ horizon: Int
  ) -> [Double] {
    // Nothing to judge by: the first expert, the naive one.
    guard let first = origins.first else { return candidates.indices.map { $0 == 0 ? 1 : 0 } }
    let horizons = max(1, Double(count - first) / Double(horizon))
    let errors = candidates.map { candidate in
      var (sum, mass) = (0.0, 1e-300)
      for (index, outcome) in outcomes.enumerated() {
        let decay = pow(0.5, Double(count - origins[index]) / (halfLifeHorizons * Double(horizon)))
        let error = zip(outcome, candidate.paths[index]).reduce(0) { $0 + abs($1.0 - $1.1) }
        sum += error * decay
        mass += Double(outcome.count) * decay
      }
      return sum / mass * (1 + complexityPenalty / horizons.squareRoot() * candidate.complexity)
    }
    let best = (errors.min() ?? 0) + 1e-9
    let weights = errors.map { $0 > 1.5 * best ? 0 : exp(-sharpness * ($0 / best - 1)) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }
}
