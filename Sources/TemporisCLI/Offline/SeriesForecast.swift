package import ForecastChart
import Forecasting

/// The forecast of one series, with what it came from.
package struct SeriesForecast: Sendable {
  /// The most observations that are drawn.
  private static let historyLimit = 1_024

  package let name: String
  /// Unix seconds of the newest point that was read.
  package let predictFrom: Int64
  /// Unix seconds of the forecast's steps.
  package let timestamps: [Int64]
  /// Each trajectory's value at every step.
  package let paths: [[Double]]
  /// Observations on the grid, ascending, in runs without a gap that was not filled.
  package let history: [[HistoryPoint]]

  /// Takes the parts of a forecast. There is a trajectory at least, and each has a value for every step.
  package init(
    name: String, predictFrom: Int64, timestamps: [Int64], paths: [[Double]], history: [[HistoryPoint]]
  ) {
    self.name = name
    self.predictFrom = predictFrom
    self.timestamps = timestamps
    self.paths = paths
    self.history = history
  }

  /// Takes one series of what the engine drew.
  ///
  /// - Parameter rows: What the engine's context was made of.
  init(_ forecast: Forecast, channel: Int, rows: GridRows?, settings: ForecastSettings) {
    let channels = settings.names.count
    self.init(
      name: settings.names[channel], predictFrom: forecast.predictFrom, timestamps: forecast.timestamps,
      paths: forecast.trajectories.map { trajectory in
        forecast.timestamps.indices.map { trajectory.values[$0 * channels + channel] }
      },
      history: rows.map { Self.history($0, channel: channel, settings: settings) } ?? [])
  }

  /// The quantiles of a step at levels in ascending order.
  package func quantiles(step: Int, levels: [Double]) -> [Double] {
    let sorted = paths.map { $0[step] }.sorted()
    return levels.map { Quantiles.of(sorted, $0) }
  }

  /// The band and the median of every step.
  package var fan: [Quantiles] {
    timestamps.indices.map { step in Quantiles(paths.lazy.map { $0[step] }) }
  }

  /// The newest observations, about twice as many as there are steps.
  private static func history(_ rows: GridRows, channel: Int, settings: ForecastSettings) -> [[HistoryPoint]] {
    let buckets = rows.series[channel]
    let wanted = min(historyLimit, max(48, 2 * settings.horizon * settings.patchSpacing))
    var runs: [[HistoryPoint]] = []
    var newer: Int64?
    for (point, mean) in zip(buckets.points, buckets.means).prefix(wanted) {
      let place = HistoryPoint(timestamp: rows.anchor - point * settings.interval, value: mean)
      if let last = newer, point - last <= Int64(settings.fillLimit) + 1 {
        runs[runs.count - 1].append(place)
      } else {
        runs.append([place])
      }
      newer = point
    }
    return runs.reversed().map { $0.reversed() }
  }
}
