import Glibc

/// The standard deviation of a path's error at each step ahead.
enum StepScale {
  private static let halfLifeHorizons = 4.0
  private static let fewHorizons = 1.5

  /// `s * h^beta` by Gaussian likelihood over beta in 0 to .8, bent by the smoothed empirical ratio.
  static func fit(_ fit: PathFit, values: [Double], horizon: Int) -> [Double] {
    let steps = (1...horizon).map(Double.init)
    let known = fit.backtests.reduce(0) { $0 + $1.errors.count }
    guard known >= 3 else { return steps.map { max(lastResort(values), 1e-6) * $0.squareRoot() * 1.5 } }
    let (masses, squares) = moments(fit, count: values.count, horizon: horizon)
    guard squares.reduce(0, +) > 1e-18 else { return Array(repeating: 1e-9, count: horizon) }
    let mass = masses.reduce(0, +)
    var best: (likelihood: Double, beta: Double, variance: Double)?
    for tenth in 0...8 {
      let beta = Double(tenth) * 0.1
      let growth = steps.map { pow($0, 2 * beta) }
      let variance = zip(squares, growth).reduce(0) { $0 + $1.0 / $1.1 } / mass
      let likelihood = zip(masses, growth).reduce(0) { $0 - 0.5 * $1.0 * log(variance * $1.1) }
      if best.map({ likelihood > $0.likelihood }) ?? true { best = (likelihood, beta, variance) }
    }
    guard let best else { return Array(repeating: 1e-9, count: horizon) }
    let scale = steps.map { best.variance.squareRoot() * pow($0, best.beta) }
    let ratios = (0..<horizon).map { step in
      masses[step] > 1e-9 ? (squares[step] / max(masses[step], 1e-9)).squareRoot() / scale[step] : 1
    }
    return zip(scale, MovingAverage.of(ratios, radius: 5)).map { $0 * min(max(1 + 0.5 * ($1 - 1), 0.5), 2) }
  }

  /// How much wider the scale becomes for the few independent horizons that it was learnt from.
  static func inflation(_ fit: PathFit, count: Int, horizon: Int) -> Double {
    let horizons = fit.backtests.first.map { max(1, Double(count - $0.origin) / Double(horizon)) } ?? 1
    return (1 + fewHorizons / (horizons + 1)).squareRoot()
  }

  /// The size of one step of the series itself.
  private static func lastResort(_ values: [Double]) -> Double {
    guard values.count > 1 else { return 0.1 }
    let squares = zip(values.dropFirst(), values).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (squares / Double(values.count - 1)).squareRoot()
  }

  /// Decayed count and sum of squares of the errors at each step.
  private static func moments(_ fit: PathFit, count: Int, horizon: Int) -> (masses: [Double], squares: [Double]) {
    let decays = fit.backtests.map { pow(0.5, Double(count - $0.origin) / (halfLifeHorizons * Double(horizon))) }
    let mean = decays.reduce(0, +) / Double(decays.count)
    var masses = Array(repeating: 0.0, count: horizon)
    var squares = masses
    for (backtest, decay) in zip(fit.backtests, decays) {
      for (step, error) in backtest.errors.enumerated() {
        masses[step] += decay / mean
        squares[step] += error * error * decay / mean
      }
    }
    return (masses, squares)
  }
}
