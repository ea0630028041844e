/// What a backtest found, step by step of the horizon.
package struct BacktestResult: Sendable {
  /// One forecast, and what came of it.
  package struct Example: Sendable {
    package let forecast: SeriesForecast
    /// One each step; `nil` where nothing was observed.
    package let actual: [Double?]
  }

  /// The scores of a part of the horizon.
  package struct Part: Sendable {
    /// The steps, from 1.
    package let steps: ClosedRange<Int>
    package let engine: ForecastScore
    package let naive: ForecastScore

    /// `1`, or `2-4`.
    package var label: String {
      steps.count == 1 ? "\(steps.lowerBound)" : "\(steps.lowerBound)-\(steps.upperBound)"
    }
  }

  /// The series.
  package let names: [String]
  /// Unix seconds of the points from which was forecast, ascending.
  package internal(set) var origins: [Int64] = []
  /// The season of each series, in points; 1 for none.
  package internal(set) var seasons: [Int] = []
  /// The forecasts from the last origin, one a series.
  package internal(set) var examples: [Example] = []
  private var engine: [ForecastScore]
  private var naive: [ForecastScore]

  init(names: [String], horizon: Int) {
    self.names = names
    engine = Array(repeating: ForecastScore(), count: horizon)
    naive = engine
  }

  /// Scores a step, counted from 0.
  mutating func add(actual: Double, step: Int, quantiles: [Double], naive forecast: SeasonalNaive) {
    engine[step].add(actual: actual, quantiles: quantiles, scale: forecast.scale)
    naive[step].add(actual: actual, quantiles: forecast.quantiles(step: step), scale: forecast.scale)
  }

  /// The parts of the horizon, in order.
  package var parts: [Part] {
    RollingOrigins.parts(horizon: engine.count).map(part)
  }

  /// The whole horizon.
  package var all: Part { part(1...max(engine.count, 1)) }

  /// The CRPS in units of ``SeasonalNaive``'s: below 1 is better than it. `nil` where there is nothing to divide.
  package var relativeCRPS: Double? {
    guard let own = all.engine.crps, let other = all.naive.crps, other > 0 else { return nil }
    return own / other
  }

  private func part(_ steps: ClosedRange<Int>) -> Part {
    let places = (steps.lowerBound - 1)..<min(steps.upperBound, engine.count)
    var (own, other) = (ForecastScore(), ForecastScore())
    for place in places {
      own.add(engine[place])
      other.add(naive[place])
    }
    return Part(steps: steps, engine: own, naive: other)
  }
}
