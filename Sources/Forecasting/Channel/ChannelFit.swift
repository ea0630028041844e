/// Everything that is fitted on one channel, step by step.
package struct ChannelFit: Sendable {
  package let scale: BinaryScale
  /// Whether the channel never moved.
  package let isConstant: Bool
  /// Whether it is drawn from the values that it has taken.
  package let isCounted: Bool
  /// Whether it ends at a level that nothing before has seen.
  package let isNewLevel: Bool
  /// The scale that the paths are fitted on.
  package let transform: ValueTransform
  /// Of the transformed values.
  package let normalisation: Normalisation
  /// In points, at most three.
  package let periods: [Int]
  /// Whether logarithms were looked at beside the level.
  package let hasLogarithms: Bool
  package let mixture: PathMixture
  package let noiseSpace: NoiseSpace
  /// Path and errors in the units of the noise space.
  let errors: PathErrors
  /// One expected value a step, in the units of the noise space.
  package var path: [Double] { errors.path }
  /// Standard deviation of each step as the backtest has it, in the units of the noise space.
  package let stepScale: [Double]
  /// The one that futures are drawn with.
  package let forecastScale: [Double]
  package let covariance: TokenCovariance
  /// Coefficients of the past errors over their deviations, those of one patch after those of another.
  let pastTokens: [Double]
  /// Of a counted channel.
  package let codec: ValueCodec?
  /// The history's largest value in the units that futures are drawn in; its largest magnitude where those have two
  /// sides.
  package let highest: Double
  /// Whether the history never went below 0.
  let isNonNegative: Bool

  /// Logarithms are looked at where the largest value is so many times the least; below it they are the same curve.
  private static let leastRatio = 1.3

  /// - Parameter channel: finite, not empty.
  package init(_ channel: [Double], settings: ForecastSettings) {
    let scale = BinaryScale(channel)
    let history = scale.enter(channel)
    let (least, most) = (history.min() ?? 0, history.max() ?? 0)
    let isConstant = most == least
    let isCounted = !isConstant && DistinctValues.suit(history)
    let isPlain = isConstant || isCounted
    let transform = settings.usesDiffs && !isPlain ? ValueTransform.growth(of: history) : .level
    let raw = transform.apply(history)
    let levelled = isPlain ? nil : LevelChange.levelled(raw)
    let isNewLevel = !isPlain && levelled == nil && LevelChange.isNew(at: raw)
    let transformed = levelled ?? raw
    let level = SeriesSpace(transformed)
    let hasLogarithms =
      transform == .level && !isPlain && levelled == nil && !isNewLevel && history.count >= 3 && least > 0
      && most > Self.leastRatio * least
    let spaces = [level] + (hasLogarithms ? [SeriesSpace.logarithm(of: history)] : [])
    let periods = Periods.detect(in: level.values, step: settings.step, activeShare: settings.activeShare)
    let backtest = Backtest(count: history.count, horizon: settings.horizon)
    let mixture = PathMixture(spaces, periods: periods, backtest, isNewLevel: isNewLevel)

    let noise = NoiseFit(mixture, level: level, history: history, floor: hasLogarithms ? least / 4 : nil)
    let stepScale = StepScale.fit(noise.errors)
    let basis = CosineBasis.of(length: settings.patchLength)
    let past = PastErrors(noise.errors, scale: stepScale, basis: basis)
    let covariance = TokenCovariance(past, backtest: backtest, basis: basis)
    pastTokens = past.tokens(deviations: covariance.deviations)
    codec =
      isCounted
      ? ValueCodec(
        history, periods: periods, mixture: mixture, stepScale: stepScale, normalisation: level.normalisation) : nil
    forecastScale = ForecastScale.of(noise.errors, stepScale: stepScale, isConstant: isConstant)
    (self.scale, self.isConstant, self.isCounted, self.isNewLevel) = (scale, isConstant, isCounted, isNewLevel)
    (self.transform, self.normalisation, self.periods) = (transform, level.normalisation, periods)
    (self.hasLogarithms, self.mixture, noiseSpace) = (hasLogarithms, mixture, noise.space)
    (errors, self.stepScale, self.covariance) = (noise.errors, stepScale, covariance)
    let drawn = noise.space == .level ? transformed : noise.errors.values
    highest = if case .inverseSinh = transform { drawn.reduce(0) { max($0, $1.magnitude) } } else { drawn.max() ?? 0 }
    isNonNegative = least >= 0
  }
}
