/// A channel's standardised errors at the backtest origins, and the coefficients of those patches that are known whole.
struct PastErrors: Sendable {
  private let backtest: Backtest
  /// Row by row, one an origin, clipped; 0 where nothing is known.
  private let errors: [Double]
  private let length: Int
  /// One row a known patch, by origin and patch.
  private var coefficients: [Double]

  /// Errors beyond so many deviations are no guide to correlation.
  private static let clip = 8.0

  /// - Parameter scale: one a step.
  init(_ fit: PathErrors, scale: [Double], basis: CosineBasis) {
    let (backtest, horizon, length) = (fit.backtest, fit.backtest.horizon, basis.length)
    let inverse = scale.map { 1 / max($0, 1e-9) }
    errors = fit.errors.indices.map { min(max(fit.errors[$0] * inverse[$0 % horizon], -Self.clip), Self.clip) }
    let known = backtest.origins.indices.map { backtest.known($0) / length }
    coefficients = Array(repeating: 0, count: known.reduce(0, +) * length)
    var place = 0
    for (index, patches) in known.enumerated() {
      for patch in 0..<patches {
        basis.coefficients(of: errors, from: index * horizon + patch * length, into: &coefficients, at: place)
        place += length
      }
    }
    self.backtest = backtest
    self.length = length
  }

  /// Patches known whole.
  var patches: Int { coefficients.count / length }

  /// The coefficients over their deviations.
  func tokens(deviations: [Double]) -> [Double] {
    coefficients.indices.map { coefficients[$0] / deviations[$0 % length] }
  }

  /// Of each coefficient, over the known patches.
  var meanSquares: [Double] {
    var squares = Array(repeating: 0.0, count: length)
    for (index, value) in coefficients.enumerated() { squares[index % length] += value * value }
    return squares.map { $0 / Double(patches) }
  }

  /// Correlation of errors `lag` steps apart, over all origins.
  func correlation(lag: Int) -> Double {
    var (squares, all, products, pairs) = (0.0, 0, 0.0, 0)
    for index in backtest.origins.indices {
      let (known, start) = (backtest.known(index), index * backtest.horizon)
      for step in start..<(start + known) { squares += errors[step] * errors[step] }
      all += known
      guard known > lag else { continue }
      for step in start..<(start + known - lag) { products += errors[step] * errors[step + lag] }
      pairs += known - lag
    }
    return products / Double(max(pairs, 1)) / (squares / Double(max(all, 1)) + 1e-9)
  }
}
