package import Forecasting

/// Forecasts rows of a file in this process, without a stack, as the service would forecast them.
package struct OfflineForecaster: Sendable {
  /// The arguments of a forecast.
  package struct Sampling: Sendable, Hashable {
    package var count: Int
    package var temperature: Double
    package var topP: Double
    package var seed: UInt64

    package init(count: Int = 100, temperature: Double = 1, topP: Double = 1, seed: UInt64 = 0) {
      self.count = count
      self.temperature = temperature
      self.topP = topP
      self.seed = seed
    }
  }

  /// The most values of one forecast over all trajectories, steps and series: 128 MiB of them.
  package static let valueLimit = 1 << 24

  package let settings: ForecastSettings
  package let sampling: Sampling

  /// - Throws: `ForecastError` with `invalidArgument` for a forecast of too many values.
  package init(settings: ForecastSettings, sampling: Sampling) throws(ForecastError) {
    try Self.check(settings, count: sampling.count)
    self.settings = settings
    self.sampling = sampling
  }

  /// Forecasts each series from its rows up to an instant.
  ///
  /// - Parameters:
  ///   - rows: One a name, in the order of the settings' names.
  ///   - end: Rows after it are not read.
  /// - Throws: `ForecastError`, and `CancellationError` once the task is cancelled.
  /// - Returns: The engine's context, and the forecast of each series.
  package func forecast(
    _ rows: [SeriesRows], through end: Int64 = .max
  ) throws -> (context: ForecastContext, series: [SeriesForecast]) {
    let newest = rows.compactMap { $0.newest(through: end) }.max() ?? 0
    // As much as the service reads; with an exclude window the newest row may be masked, and a day or more of it.
    let start = newest - settings.reach - (settings.excludeWindow == nil ? 0 : 2 * 86_400)
    let grid = GridRows(rows.map { $0.observations(from: start, through: end) }, settings: settings)
    let context = try ForecastContext(rows: grid, settings: settings)
    let forecast = try Forecaster(settings: settings).forecast(
      context: context, count: sampling.count, temperature: sampling.temperature, topP: sampling.topP,
      seed: sampling.seed)
    let series = settings.names.indices.map {
      SeriesForecast(forecast, channel: $0, rows: grid, settings: settings)
    }
    return (context, series)
  }

  static func check(_ settings: ForecastSettings, count: Int) throws(ForecastError) {
    // Nobody's count may overflow, whatever it is.
    let (values, overflows) = count.multipliedReportingOverflow(by: settings.horizon * settings.names.count)
    guard !overflows, values <= valueLimit else {
      throw ForecastError(
        code: .invalidArgument,
        message: "\(count) trajectories of \(settings.horizon) steps and \(settings.names.count) series are more than "
          + "\(valueLimit) values; ask for fewer trajectories or series")
    }
  }
}
