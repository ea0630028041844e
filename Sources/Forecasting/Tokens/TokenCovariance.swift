import Glibc

/// How a channel's tokens become standardised errors, and its past errors tokens.
///
/// A standardised error has covariance `level + (1 - level) * persistence^lag`. Its DCT coefficient `k` has one
/// Cholesky factor across the patches, which colours the whitened innovations that the tokens are.
package struct TokenCovariance: Sendable {
  /// Share of an error's variance that all steps have in common.
  package let level: Double
  /// Correlation of the rest from one step to the next.
  package let persistence: Double
  /// For each coefficient a lower triangle across the patches, row by row.
  package let factors: [[Double]]
  /// Coefficients of the past errors over their expected size, by origin, patch and coefficient; nil where the context
  /// does not cover the whole patch.
  let pastTokens: [[[Double]?]]

  private static let priorLevel = 0.2
  private static let priorPersistence = 0.6

  /// - Parameter scale: step scale before inflation; errors are standardised by it and clipped to ±8.
  init(_ fit: PathFit, scale: [Double], count: Int, basis: CosineBasis, lagWeights: [Double]) {
    let (length, horizon) = (basis.length, scale.count)
    let patches = horizon / length
    let errors = fit.backtests.map { backtest in
      zip(backtest.errors, scale).map { min(max($0 / max($1, 1e-9), -8), 8) }
    }
    var (trust, level, persistence) = (0.0, Self.priorLevel, Self.priorPersistence)
    if let first = fit.backtests.first, horizon >= 4 {
      let horizons = max(1, Double(count - first.origin) / Double(horizon))
      trust = horizons / (horizons + 2)
      let far = min(max(Self.correlation(errors, lag: max(2, horizon / 2)), 0), 0.9)
      let near = min(max((Self.correlation(errors, lag: 1) - far) / (1 - far), 0), 0.95)
      level = trust * far + (1 - trust) * level
      persistence = trust * near + (1 - trust) * persistence
    }
    self.level = level
    self.persistence = persistence

    let blocks = Self.blocks(level, persistence, patches: patches, length: length, lagWeights: lagWeights)
    let coefficients: [[[Double]?]] = errors.map { errors in
      (0..<patches).map { patch in
        let end = (patch + 1) * length
        return end <= errors.count ? basis.coefficients(of: errors[(end - length)..<end]) : nil
      }
    }
    let variances = Self.variances(blocks.map { $0[0] }, coefficients, patches: patches, trust: trust)
    factors = zip(blocks, variances).map { block, variance in
      // All patches have the same variance, so dividing by it leaves their correlations.
      let matrix = (0..<patches * patches).map { index in
        let (row, column) = (index / patches, index % patches)
        return block[abs(row - column)] / block[0] * variance + (row == column ? 1e-9 : 0)
      }
      return CholeskyFactor.of(matrix, size: patches)
    }
    pastTokens = coefficients.map { patches in
      patches.map { patch in patch.map { zip($0, variances).map { $0 / $1.squareRoot() } } }
    }
  }

  /// Correlation of errors `lag` steps apart, over all origins.
  private static func correlation(_ errors: [[Double]], lag: Int) -> Double {
    var (squares, all, products, pairs) = (0.0, 0.0, 0.0, 0.0)
    for errors in errors {
      squares += errors.reduce(0) { $0 + $1 * $1 }
      all += Double(errors.count)
      guard errors.count > lag else { continue }
      products += zip(errors, errors[lag...]).reduce(0) { $0 + $1.0 * $1.1 }
      pairs += Double(errors.count - lag)
    }
    return products / max(pairs, 1) / (squares / max(all, 1) + 1e-9)
  }

  /// For each coefficient its covariance between patches 0, 1, 2 … apart.
  ///
  /// The covariance of the steps depends on their distance alone, so that a block needs one sum over the distances.
  private static func blocks(
    _ level: Double, _ persistence: Double, patches: Int, length: Int, lagWeights: [Double]
  ) -> [[Double]] {
    let covariance = (0..<patches * length).map { level + (1 - level) * pow(persistence, Double($0)) }
    return (0..<length).map { k in
      (0..<patches).map { apart in
        var sum = lagWeights[k * length] * covariance[apart * length]
        for lag in 1..<max(length, 1) {
          let pair = covariance[apart * length + lag] + covariance[abs(apart * length - lag)]
          sum += lagWeights[k * length + lag] * pair
        }
        return sum
      }
    }
  }

  /// Variance of each coefficient, mean 1: the model's, drawn towards the smoothed empirical one.
  private static func variances(
    _ model: [Double], _ coefficients: [[[Double]?]], patches: Int, trust: Double
  ) -> [Double] {
    let known = coefficients.flatMap { $0.compactMap { $0 } }
    guard !known.isEmpty else { return meanOne(model) }
    let squares = model.indices.map { k in known.reduce(0) { $0 + $1[k] * $1[k] } / Double(known.count) }
    var smooth = MovingAverage.of(squares, radius: 2)
    // The level and the slope of a patch are no neighbours of its ripples.
    for k in 0..<min(2, smooth.count) { smooth[k] = squares[k] }
    let (mass, prior) = (Double(known.count) / Double(patches) * 0.5, 2.0)
    let empirical = meanOne(zip(squares, smooth).map { max((mass * $0 + prior * $1) / (mass + prior), 1e-12) })
    return meanOne(
      zip(model, empirical).map { exp((1 - 0.5 * trust) * log($0 + 1e-9) + 0.5 * trust * log($1 + 1e-9)) })
  }

  private static func meanOne(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.map { $0 / mean }
  }
}
