import Glibc

/// The standard deviation of a path's error at each step ahead, as the backtest has it.
enum StepScale {
  /// Mean size of a normal error of deviation 1.
  private static let meanSize = 0.8
  /// Horizons of backtest at which the mean size counts by half.
  private static let sizeHorizons = 2.0
  /// Share of the series' own steps, over the count of points, that is added: no width of zero from three points.
  private static let shareOfSteps = 2.0
  /// With no backtest at all: of the series' own steps.
  private static let blind = 1.5

  /// `s h^beta`, bent to what was seen at each step, at the mean size of the errors.
  static func fit(_ fit: PathErrors) -> [Double] {
    let (backtest, horizon) = (fit.backtest, fit.backtest.horizon)
    let meanSquare = Moments.meanSquareDifference(fit.values) ?? 0.01
    guard !backtest.origins.isEmpty else {
      return (1...horizon).map { meanSquare.squareRoot() * Double($0).squareRoot() * blind }
    }
    let (masses, squares) = moments(fit)
    let share = shareOfSteps / Double(fit.values.count)
    let pseudo = 1e-18 + min(meanSquare, fit.oneStepMeanSquare) + share * share * meanSquare
    let smooth = likeliest(masses: masses, squares: squares, pseudo: pseudo)
    let ratios = (0..<horizon).map { step in
      masses[step] > 1e-9 ? (squares[step] / masses[step]).squareRoot() / smooth[step] : 1
    }
    let bent = zip(smooth, MovingAverage.of(ratios, radius: 5)).map { $0 * min(max(1 + 0.5 * ($1 - 1), 0.5), 2) }
    let horizons = backtest.wholeHorizons
    let size = max(relativeSize(fit, scale: bent, mass: masses.reduce(0, +)) / meanSize, 0.5)
    let factor = pow(size, horizons / (horizons + sizeHorizons))
    return bent.map { $0 * factor }
  }

  /// `s h^beta` by Gaussian likelihood over beta in 0 to .8, with one pseudo-error beside those seen.
  private static func likeliest(masses: [Double], squares: [Double], pseudo: Double) -> [Double] {
    let mass = masses.reduce(0, +)
    var best = (likelihood: -Double.infinity, scale: [Double]())
    for tenth in 0...8 {
      let growth = (1...masses.count).map { pow(Double($0), 0.2 * Double(tenth)) }
      let variance = (zip(squares, growth).reduce(0) { $0 + $1.0 / $1.1 } + pseudo) / (mass + 1)
      let likelihood = zip(masses, growth).reduce(0) { $0 - 0.5 * $1.0 * log(variance * $1.1) }
      if likelihood > best.likelihood { best = (likelihood, growth.map { (variance * $0).squareRoot() }) }
    }
    return best.scale
  }

  /// Decayed count and sum of squares of the errors at each step; the decays have a mean of 1.
  private static func moments(_ fit: PathErrors) -> (masses: [Double], squares: [Double]) {
    let (backtest, horizon) = (fit.backtest, fit.backtest.horizon)
    let mean = Moments.mean(backtest.decays)
    var masses = Array(repeating: 0.0, count: horizon)
    var squares = masses
    for index in backtest.origins.indices {
      let weight = backtest.decays[index] / mean
      for step in 0..<backtest.known(index) {
        let error = fit.errors[index * horizon + step]
        masses[step] += weight
        squares[step] += weight * error * error
      }
    }
    return (masses, squares)
  }

  /// Decayed mean of the errors' magnitudes over the scale, which a few large ones do not own.
  private static func relativeSize(_ fit: PathErrors, scale: [Double], mass: Double) -> Double {
    let (backtest, horizon) = (fit.backtest, fit.backtest.horizon)
    let mean = Moments.mean(backtest.decays)
    var sum = 0.0
    for index in backtest.origins.indices {
      var size = 0.0
      for step in 0..<backtest.known(index) { size += fit.errors[index * horizon + step].magnitude / scale[step] }
      sum += size * backtest.decays[index] / mean
    }
    return sum / mass
  }
}
