/// The noise space of a channel, and its path and errors in the units of that space.
struct NoiseFit {
  let space: NoiseSpace
  let errors: PathErrors

  /// - Parameters:
  ///   - history: to the size of 1.
  ///   - floor: that paths are raised to in roots and logarithms; nil to stay with the level.
  init(_ mixture: PathMixture, level: SeriesSpace, history: [Double], floor: Double?) {
    guard let floor, !mixture.backtest.origins.isEmpty else {
      (space, errors) = (.level, PathErrors(level: mixture, values: level.values))
      return
    }
    let space = NoiseSpace.likeliest(
      mixture, values: level.values, normalisation: level.normalisation, floor: floor)
    self.space = space
    guard space != .level else {
      errors = PathErrors(level: mixture, values: level.values)
      return
    }
    errors = PathErrors(
      space, mixture, values: level.values, history: history, normalisation: level.normalisation, floor: floor)
  }
}
