/// The standard deviation that futures are drawn with: the backtest's, and what the backtest cannot know.
enum ForecastScale {
  /// Extra variance, over the horizons of the backtest and one more.
  private static let fewHorizons = 2.0
  /// Extra deviation, over the points and six more.
  private static let fewPoints = 4.0
  /// Share of the variance that is the errors' own; the experts' disagreement comes on top.
  private static let own = 0.9
  /// Below 8 points never less than so many fifths, for each point that lacks, of a random walk of the same steps.
  private static let walk = 1.6

  /// - Parameter stepScale: of each step, as the backtest has it.
  static func of(_ fit: PathErrors, stepScale: [Double], isConstant: Bool) -> [Double] {
    let (count, horizons) = (Double(fit.values.count), fit.backtest.wholeHorizons)
    // The errors were used to choose the weights, and they are few.
    let widening = (1 + fewHorizons / (horizons + 1)).squareRoot() * (1 + fewPoints / (count + 6))
    var scale = stepScale.map { $0 * widening }
    if fit.expertPaths.count > 1 {
      for step in scale.indices {
        scale[step] = (own * scale[step] * scale[step] + disagreement(fit, step: step)).squareRoot()
      }
    }
    if !isConstant, fit.values.count < 8, let meanSquare = Moments.meanSquareDifference(fit.values) {
      let floor = walk * (8 - count) / 5 * meanSquare.squareRoot()
      for step in scale.indices { scale[step] = max(scale[step], floor * Double(step + 1).squareRoot()) }
    }
    return scale
  }

  /// Where the experts disagree, the path is less sure than its past errors say.
  private static func disagreement(_ fit: PathErrors, step: Int) -> Double {
    var sum = 0.0
    for (weight, path) in zip(fit.weights, fit.expertPaths) {
      let distance = path[step] - fit.path[step]
      sum += weight * distance * distance
    }
    return sum
  }
}
