package import ForecastChart

/// A forecast as an SVG file: a fan chart for each series.
package struct ForecastPlot: Sendable {
  /// The most trajectories that are drawn, and the most points of all of them together in one chart.
  private static let (pathLimit, pointLimit) = (12, 8_192)

  private static let keys = [
    ChartFile.Key(style: "fan-history", label: "observed"),
    ChartFile.Key(style: "fan-line", label: "median"),
    ChartFile.Key(style: "fan-band", label: "80 % of the trajectories"),
    ChartFile.Key(style: "fan-path", label: "some of them"),
  ]

  /// Draws the series of one forecast.
  ///
  /// - Parameter title: What the file's rows are called.
  package static func file(title: String, _ forecasts: [SeriesForecast]) -> ChartFile {
    let first = forecasts.first
    let times = RowTimes([first?.predictFrom ?? 0] + (first?.timestamps ?? []))
    let start = times.text(first?.predictFrom ?? 0)
    let end = times.text(first?.timestamps.last ?? 0)
    let count = Count.grouped(first?.timestamps.count ?? 0, "step")
    return ChartFile(
      title: "Forecast of \(title)", note: "\(count) from \(start) to \(end) UTC",
      panels: forecasts.enumerated().map { panel($1, id: "fan\($0)") })
  }

  /// Draws one series.
  ///
  /// - Parameters:
  ///   - id: What the ids in the drawing begin with.
  ///   - title: What is said of the series; its name.
  ///   - observed: What was observed meanwhile, in runs.
  package static func panel(
    _ forecast: SeriesForecast, id: String, title: String? = nil, observed: [[HistoryPoint]] = []
  ) -> ChartFile.Panel {
    let steps = max(forecast.timestamps.count, 1)
    let paths = forecast.paths.prefix(min(pathLimit, max(1, pointLimit / steps)))
    let chart = FanChart(
      FanChart.Content(
        name: Markup.writable(forecast.name), predictFrom: forecast.predictFrom, timestamps: forecast.timestamps,
        quantiles: forecast.fan, paths: Array(paths), typical: [], count: forecast.paths.count,
        history: forecast.history + observed))
    return ChartFile.Panel(title: title ?? forecast.name, keys: keys, svg: chart.svg(id: id))
  }
}
