/// A channel's path, what it missed at the backtest origins, and what its experts say, all in the units of one noise
/// space.
struct PathErrors: Sendable {
  let backtest: Backtest
  /// The history; normalised where the space is the level.
  let values: [Double]
  /// One expected value a step.
  let path: [Double]
  let expertPaths: [[Double]]
  let weights: [Double]
  /// Value less path at the origins, row by row; 0 where nothing is known.
  let errors: [Double]
  /// Of the best smoothing; infinite in other units than those of the smoothing.
  let oneStepMeanSquare: Double

  /// In the units of the mixture itself.
  init(level mixture: PathMixture, values: [Double]) {
    self.init(mixture, values: values, outcomes: values, oneStep: mixture.oneStepMeanSquare) { $0 }
  }

  /// In roots or logarithms of a positive channel.
  ///
  /// - Parameters:
  ///   - values: normalised.
  ///   - history: the channel itself, to the size of 1.
  ///   - floor: that paths are raised to.
  init(
    _ space: NoiseSpace, _ mixture: PathMixture, values: [Double], history: [Double], normalisation: Normalisation,
    floor: Double
  ) {
    let enter = { (value: Double) in space.enter(max(normalisation.undo(value), floor)) }
    self.init(
      mixture, values: history.map { space.enter($0) }, outcomes: values.map(enter), oneStep: .infinity, enter)
  }

  private init(
    _ mixture: PathMixture, values: [Double], outcomes: [Double], oneStep: Double, _ enter: (Double) -> Double
  ) {
    backtest = mixture.backtest
    self.values = values
    path = mixture.path.map(enter)
    expertPaths = mixture.expertPaths.map { $0.map(enter) }
    weights = mixture.weights
    oneStepMeanSquare = oneStep
    var errors = Array(repeating: 0.0, count: mixture.backtestPaths.count)
    for (index, origin) in backtest.origins.enumerated() {
      let start = index * backtest.horizon
      for step in 0..<backtest.known(index) {
        errors[start + step] = outcomes[origin + step] - enter(mixture.backtestPaths[start + step])
      }
    }
    self.errors = errors
  }
}
