/// The expected path of a channel, mixed from experts, and the same mixture at the backtest origins; all normalised.
package struct PathMixture: Sendable {
  package let backtest: Backtest
  package let experts: [Expert]
  /// Of each expert, with a sum of 1.
  package let weights: [Double]
  /// Of each expert its path at the end of the context.
  let expertPaths: [[Double]]
  /// One expected value a step.
  package let path: [Double]
  /// The same at the origins, row by row.
  let backtestPaths: [Double]
  /// Mean square of the one-step errors of the best smoothing; infinite when there was none.
  package let oneStepMeanSquare: Double

  /// - Parameter spaces: the first is the level, or what takes its place, in whose units the errors are.
  init(_ spaces: [SeriesSpace], periods: [Int], _ backtest: Backtest, isNewLevel: Bool) {
    let (level, horizon) = (spaces[0], backtest.horizon)
    self.backtest = backtest
    guard !backtest.origins.isEmpty else {
      let path = Array(repeating: level.values[level.values.count - 1], count: horizon)
      (experts, weights) = ([Expert(method: .naive, isLogarithmic: false)], [1])
      (self.path, expertPaths, backtestPaths, oneStepMeanSquare) = (path, [path], [], .infinity)
      return
    }
    var (experts, paths, meanSquare) = ([Expert](), [[Double]](), Double.infinity)
    for (index, space) in spaces.enumerated() {
      let bank = ExpertBank(space, periods: periods, backtest, isNewLevel: isNewLevel)
      experts += bank.experts
      for var path in bank.paths {
        if space.isLogarithmic { space.toLevel(&path, of: level.normalisation) }
        paths.append(path)
      }
      if index == 0 { meanSquare = bank.oneStepMeanSquare }
    }
    let errors = paths.map { BacktestErrors.mean(of: $0, values: level.values, backtest) }
    let weights = ExpertWeights.of(experts, errors: errors, horizons: backtest.horizons)
    var mixed = Array(repeating: 0.0, count: (backtest.origins.count + 1) * horizon)
    for (weight, path) in zip(weights, paths) { Self.add(path, weight: weight, to: &mixed) }
    let end = backtest.origins.count * horizon
    self.experts = experts
    self.weights = weights
    expertPaths = paths.map { Array($0[end...]) }
    path = Array(mixed[end...])
    backtestPaths = Array(mixed[..<end])
    oneStepMeanSquare = meanSquare
  }

  private static func add(_ path: [Double], weight: Double, to mixed: inout [Double]) {
    for index in mixed.indices { mixed[index] += weight * path[index] }
  }
}
