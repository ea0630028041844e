import Glibc

/// How a channel's tokens become standardised errors.
///
/// A standardised error has covariance `level + (1 - level) * persistence^lag`. Its DCT coefficient `k` has one
/// Cholesky factor across the patches, which colours the whitened innovations that the tokens are.
package struct TokenCovariance: Sendable {
  /// Share of an error's variance that all steps have in common.
  package let level: Double
  /// Correlation of the rest from one step to the next.
  package let persistence: Double
  /// For each coefficient a packed lower triangle across the patches.
  package let factors: [Double]
  /// Standard deviation of each coefficient.
  let deviations: [Double]

  private static let priorLevel = 0.7
  private static let priorPersistence = 0.8
  /// Horizons of backtest at which it counts as much as the prior.
  private static let priorHorizons = 2.0
  /// Patches that the smoothed power of the coefficients counts as.
  private static let priorPatches = 2.0

  init(_ past: PastErrors, backtest: Backtest, basis: CosineBasis) {
    let (length, horizon) = (basis.length, backtest.horizon)
    let patches = horizon / length
    var (trust, level, persistence) = (0.0, Self.priorLevel, Self.priorPersistence)
    if !backtest.origins.isEmpty, horizon >= 4 {
      trust = backtest.wholeHorizons / (backtest.wholeHorizons + Self.priorHorizons)
      let far = min(max(past.correlation(lag: max(2, horizon / 2)), 0), 0.9)
      let near = min(max((past.correlation(lag: 1) - far) / (1 - far), 0), 0.95)
      level = trust * far + (1 - trust) * level
      persistence = trust * near + (1 - trust) * persistence
    }
    self.level = level
    self.persistence = persistence
    let blocks = Self.blocks(level, persistence, patches: patches, basis: basis)
    let variances = Self.variances(
      model: (0..<length).map { blocks[$0 * patches] }, past: past, patches: patches, trust: trust)
    deviations = variances.map { $0.squareRoot() }
    factors = Self.factors(blocks, variances: variances, patches: patches)
  }

  /// For each coefficient its covariance between patches 0, 1, 2 … apart.
  ///
  /// The covariance of the steps depends on their distance alone, so that a block needs one sum over the distances.
  private static func blocks(_ level: Double, _ persistence: Double, patches: Int, basis: CosineBasis) -> [Double] {
    let length = basis.length
    var (covariance, power) = ([Double](), 1.0)
    for _ in 0..<(patches * length) {
      covariance.append(level + (1 - level) * power)
      power *= persistence
    }
    var blocks: [Double] = []
    blocks.reserveCapacity(length * patches)
    for k in 0..<length {
      for apart in 0..<patches {
        var sum = basis.lagWeights[k * length] * covariance[apart * length]
        for lag in 1..<max(length, 1) {
          let pair = covariance[apart * length + lag] + covariance[abs(apart * length - lag)]
          sum += basis.lagWeights[k * length + lag] * pair
        }
        blocks.append(sum)
      }
    }
    return blocks
  }

  /// Variance of each coefficient, mean 1: the model's, drawn towards the smoothed empirical one.
  private static func variances(model: [Double], past: PastErrors, patches: Int, trust: Double) -> [Double] {
    guard past.patches > 0 else { return meanOne(model) }
    let squares = past.meanSquares
    var smooth = MovingAverage.of(squares, radius: 2)
    // The level and the slope of a patch are no neighbours of its ripples.
    for k in 0..<min(2, smooth.count) { smooth[k] = squares[k] }
    let mass = Double(past.patches) / Double(patches) * 0.5
    let empirical = meanOne(
      zip(squares, smooth).map { max((mass * $0 + priorPatches * $1) / (mass + priorPatches), 1e-12) })
    return meanOne(
      zip(model, empirical).map { exp((1 - 0.5 * trust) * log($0 + 1e-9) + 0.5 * trust * log($1 + 1e-9)) })
  }

  private static func factors(_ blocks: [Double], variances: [Double], patches: Int) -> [Double] {
    var factors: [Double] = []
    factors.reserveCapacity(variances.count * CholeskyFactor.size(of: patches))
    for (k, variance) in variances.enumerated() {
      let start = factors.count
      for row in 0..<patches {
        for column in 0...row {
          // All patches have the same variance, so dividing by it leaves their correlations.
          let correlation = blocks[k * patches + row - column] / blocks[k * patches]
          factors.append(correlation * variance + (row == column ? 1e-9 : 0))
        }
      }
      CholeskyFactor.factorise(&factors, from: start, rows: patches)
    }
    return factors
  }

  private static func meanOne(_ values: [Double]) -> [Double] {
    let mean = Moments.mean(values)
    return values.map { $0 / mean }
  }
}
