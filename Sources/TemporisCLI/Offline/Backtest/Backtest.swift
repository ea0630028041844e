import Forecasting

/// Forecasts a file's newest rows from the rows before them, as the service would have, and scores that beside
/// ``SeasonalNaive``.
package struct Backtest: Sendable {
  private let rows: [SeriesRows]
  private let forecaster: OfflineForecaster
  /// The season in points; `nil`: the first period that is found in each series.
  private let season: Int?
  /// What each series is multiplied with to be scored: a power of two, so that no unit matters and no square overflows.
  private let units: [Double]

  /// Prepares a backtest.
  ///
  /// - Parameter rows: One a name, in the order of the settings' names.
  package init(_ rows: [SeriesRows], forecaster: OfflineForecaster, season: Int? = nil) {
    self.rows = rows
    self.forecaster = forecaster
    self.season = season
    units = rows.map { series in
      let largest = series.values.lazy.map { abs($0) }.max() ?? 0
      return largest > 0 ? Double(sign: .plus, exponent: -max(largest.exponent, -1_000), significand: 1) : 1
    }
  }

  private var settings: ForecastSettings { forecaster.settings }

  /// Forecasts from each origin, the oldest first.
  ///
  /// - Parameter most: How many origins are wanted.
  /// - Throws: `ForecastError` with `notEnoughData` where the file is too short for one; `CancellationError`.
  package func run(origins most: Int) throws -> BacktestResult {
    let instants = try origins(most)
    var shortage: ForecastError?
    var result = BacktestResult(names: settings.names, horizon: settings.horizon)
    for instant in instants {
      // The rows of the origin's own bucket are known.
      let end = instant + (settings.interval - 1) / 2
      let context: ForecastContext
      let series: [SeriesForecast]
      do {
        (context, series) = try forecaster.forecast(rows, through: end)
      } catch let error as ForecastError where error.code == .notEnoughData {
        // After a long gap: other origins have what they need.
        shortage = error
        continue
      }
      let naive = zip(context.channels, units).map { channel, unit in
        SeasonalNaive(channel.map { $0 * unit }, season: season ?? period(of: channel))
      }
      if result.origins.isEmpty { result.seasons = naive.map(\.season) }
      result.origins.append(context.predictFrom)
      result.examples = []
      for (place, forecast) in series.enumerated() {
        let unit = units[place]
        let actual = actual(forecast, place)
        for (step, value) in actual.enumerated() {
          guard let value else { continue }
          let quantiles = forecast.quantiles(step: step, levels: ForecastScore.levels).map { $0 * unit }
          result.add(actual: value * unit, step: step, quantiles: quantiles, naive: naive[place])
        }
        result.examples.append(.init(forecast: forecast, actual: actual))
      }
    }
    if result.origins.isEmpty, let shortage { throw shortage }
    return result
  }

  /// Instants of grid points at which every series has rows.
  private func origins(_ most: Int) throws -> [Int64] {
    guard let grid = GridRows(rows.map { $0.observations() }, settings: settings) else { return [] }
    let points = grid.series.dropFirst().reduce(grid.series.first?.points ?? []) { Self.shared($0, $1.points) }
    let (horizon, needed) = (settings.horizon * settings.patchSpacing, fewest * settings.patchSpacing)
    let places = RollingOrigins.places(points: points.count, needed: needed, horizon: horizon, most: most)
    guard !places.isEmpty else {
      throw ForecastError(
        code: .notEnoughData,
        message: "\(points.count) points that all series share, where a backtest needs \(needed) before a horizon of "
          + "\(horizon)")
    }
    // Points count backwards from the newest.
    return places.map { grid.anchor - points[points.count - 1 - $0] * settings.interval }
  }

  /// The fewest points that are forecast from: what the settings ask for, and what an error can be reckoned of.
  private var fewest: Int { max(3, settings.minimumContextLength) }

  /// What was observed at each step of a forecast.
  private func actual(_ forecast: SeriesForecast, _ place: Int) -> [Double?] {
    forecast.timestamps.map { rows[place].mean(nearest: $0, interval: settings.interval) }
  }

  /// The season of a series, in points; 1 without one.
  private func period(of channel: [Double]) -> Int {
    Periods.detect(in: channel, step: settings.step, activeShare: settings.activeShare).first ?? 1
  }

  /// What is in both of two ascending lists.
  private static func shared(_ left: [Int64], _ right: [Int64]) -> [Int64] {
    var (shared, place): ([Int64], Int) = ([], 0)
    for element in left {
      while place < right.count, right[place] < element { place += 1 }
      if place < right.count, right[place] == element { shared.append(element) }
    }
    return shared
  }
}
