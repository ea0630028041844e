/// Everything fitted on one channel: from tokens to values.
package struct ChannelModel: Sendable {
  /// Detected seasonal periods in points, at most three.
  package let periods: [Int]
  /// The scale that the path is fitted on.
  package let transform: ValueTransform
  /// Of the transformed values.
  package let normalisation: Normalisation
  /// The expected path and its past errors.
  package let fit: PathFit
  /// Standard deviation of each step, normalised, not yet inflated.
  package let scale: [Double]
  /// What the scale is multiplied with for the few horizons that it was learnt from.
  package let inflation: Double
  /// What turns tokens into standardised errors.
  package let covariance: TokenCovariance
  /// Whether the channel is count-like.
  package var isCoded: Bool { codec != nil }
  /// Set for a count-like channel, whose tokens are its values.
  let codec: ValueCodec?
  /// Set for a channel that never moved.
  package let constant: Double?

  private let range: ValueRange
  private let staysNonNegative: Bool
  /// Highest and lowest normalised value that a growing transform may reach, so that its inverse stays finite.
  private let lowest: Double
  private let highest: Double

  /// - Parameter history: finite, not empty.
  package init(
    _ history: [Double], settings: ForecastSettings, basis: CosineBasis, lagWeights: [Double], temperature: Double,
    topP: Double
  ) {
    let range = ValueRange(history)
    let values = range.enter(history)
    let horizon = settings.horizon
    let isConstant = values.allSatisfy { $0 == values[0] }
    let periods = Periods.detect(in: values, step: settings.step, activeShare: settings.activeShare)
    let transform =
      isConstant ? .level : ValueTransform(for: values, periods: periods, usesDiffs: settings.usesDiffs)
    let transformed = values.map(transform.apply)
    let normalisation = Normalisation(of: transformed)
    let normalised = transformed.map { value in
      let value = normalisation.apply(value)
      return transform.isLevel ? min(max(value, -8), 8) : value
    }
    fit = PathFit(normalised, horizon: horizon, experts: ExpertBank.experts(periods: periods))
    scale = StepScale.fit(fit, values: normalised, horizon: horizon)
    inflation = StepScale.inflation(fit, count: values.count, horizon: horizon)
    covariance = TokenCovariance(fit, scale: scale, count: values.count, basis: basis, lagWeights: lagWeights)
    codec =
      ValueCodec.suits(values)
      ? ValueCodec(
        values, period: periods.first ?? 1, horizon: horizon, temperature: temperature, topP: topP) : nil
    constant = isConstant ? history[history.count - 1] : nil
    staysNonNegative = values.allSatisfy { $0 >= 0 }
    let room = 6 / normalisation.width
    highest = (normalised.max() ?? 0) + room
    lowest = (normalised.min() ?? 0) - room
    self.range = range
    self.periods = periods
    self.transform = transform
    self.normalisation = normalisation
  }

  /// The value of one step, from its standardised error.
  package func value(step: Int, error: Double) -> Double {
    var value = fit.path[step] + error * scale[step] * inflation
    switch transform {
    case .level: break
    case .logarithm: value = min(value, highest)
    case .inverseSinh: value = min(max(value, lowest), highest)
    }
    return leave(transform.undo(normalisation.undo(value)))
  }

  /// One value of a count-like channel and its cost, from a quantile.
  func codedValue(_ codec: ValueCodec, step: Int, at quantile: Double) -> (value: Double, cost: Double) {
    let (value, cost) = codec.draw(step: step, at: quantile)
    return (leave(value), cost)
  }

  private func leave(_ value: Double) -> Double {
    range.leave(staysNonNegative ? max(value, 0) : value)
  }
}

extension ForecastSettings {
  /// Share of a day that the grid's points lie in. Points a whole number of days apart are all active or none is, so
  /// that no time is skipped between them.
  var activeShare: Double {
    guard let excludeWindow, step % ExcludeWindow.daySeconds != 0 else { return 1 }
    return Double(excludeWindow.activeSeconds) / Double(ExcludeWindow.daySeconds)
  }
}
