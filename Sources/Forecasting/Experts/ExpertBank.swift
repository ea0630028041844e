/// The experts that a channel's path is mixed from, in one space.
struct ExpertBank {
  private(set) var experts: [Expert] = []
  /// Of each expert one path an end, row by row.
  private(set) var paths: [[Double]] = []
  /// The least weighted mean square of one-step errors over the periods; infinite when nothing was smoothed.
  private(set) var oneStepMeanSquare = Double.infinity

  private let isLogarithmic: Bool
  /// Points known at the first origin that an autoregression needs.
  private static let fewestForLags = 24
  /// A drift is for short series.
  private static let mostForDrift = 60

  /// In logarithms those are left out that are the same there, or worse.
  ///
  /// - Parameters:
  ///   - backtest: with an origin or more.
  ///   - isNewLevel: nothing but the last value has seen the level that the series has come to.
  init(_ space: SeriesSpace, periods: [Int], _ backtest: Backtest, isNewLevel: Bool) {
    isLogarithmic = space.isLogarithmic
    let (values, first, isLevel) = (space.values, backtest.first, !space.isLogarithmic)
    if isLevel { add(.naive, NaiveMethods.naive(values, backtest)) }
    guard !isNewLevel else { return }
    addSmoothing(.smoothing, values, period: 1, backtest)
    if isLevel, values.count < Self.mostForDrift { add(.drift, NaiveMethods.drift(values, backtest)) }
    for period in periods where first >= period {
      if isLevel { add(.seasonalNaive, NaiveMethods.seasonalNaive(values, period: period, backtest)) }
      guard first >= 2 * period else { continue }
      if isLevel { add(.seasonalMean, NaiveMethods.seasonalMean(values, period: period, backtest)) }
      add(.theta, ThetaMethod.paths(of: values, period: period, backtest))
      addSmoothing(.seasonalSmoothing, values, period: period, backtest)
    }
    guard first >= Self.fewestForLags else { return }
    for paths in RidgeAutoregression.paths(of: values, periods: periods, backtest) { add(.autoregression, paths) }
  }

  private mutating func addSmoothing(_ method: Expert.Method, _ values: [Double], period: Int, _ backtest: Backtest) {
    let smoothed = ExponentialSmoothing.paths(of: values, period: period, backtest)
    oneStepMeanSquare = min(oneStepMeanSquare, smoothed.meanSquare)
    add(method, smoothed.paths)
  }

  /// An expert is dropped whole that has come to no number anywhere.
  private mutating func add(_ method: Expert.Method, _ paths: [Double]) {
    guard paths.allSatisfy(\.isFinite) else { return }
    experts.append(Expert(method: method, isLogarithmic: isLogarithmic))
    self.paths.append(paths)
  }
}
