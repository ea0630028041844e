package import ForecastChart

/// A backtest as an SVG file: scores along the horizon, then for each series the last forecast and what came of it.
package struct BacktestPlot: Sendable {
  /// The most series whose forecasts are drawn.
  private static let seriesLimit = 16

  /// Draws a backtest.
  ///
  /// - Parameter title: What the file's rows are called.
  package static func file(title: String, _ result: BacktestResult) -> ChartFile {
    let origins = Count.grouped(result.origins.count, "origin")
    let steps = Count.grouped(result.all.steps.count, "step")
    var panels = [crps(result.parts), coverage(result.parts)]
    for (place, example) in result.examples.prefix(seriesLimit).enumerated() {
      panels.append(
        ForecastPlot.panel(
          example.forecast, id: "fan\(place)", title: "\(example.forecast.name), from the last origin",
          observed: example.runs))
    }
    return ChartFile(title: "Backtest of \(title)", note: "\(origins), \(steps) ahead", panels: panels)
  }

  private static func crps(_ parts: [BacktestResult.Part]) -> ChartFile.Panel {
    let title = "Scaled CRPS by step: less is better"
    return panel(title, id: "crps", parts) { $0.crps }
  }

  private static func coverage(_ parts: [BacktestResult.Part]) -> ChartFile.Panel {
    let title = "Share of points in the 80 % band, in percent"
    let wanted = StepChart.Line(style: "fan-path", values: parts.map { _ in 80 })
    return panel(title, id: "coverage", parts, including: 100, beside: [wanted]) { $0.coverage.map { $0 * 100 } }
  }

  private static func panel(
    _ title: String, id: String, _ parts: [BacktestResult.Part], including: Double = 0,
    beside others: [StepChart.Line] = [], _ figure: (ForecastScore) -> Double?
  ) -> ChartFile.Panel {
    let chart = StepChart(
      name: title, parts: parts.map(\.label),
      lines: others + [
        StepChart.Line(style: "fan-typical", values: parts.map { figure($0.naive) }),
        StepChart.Line(style: "fan-line", values: parts.map { figure($0.engine) }),
      ], including: including)
    return ChartFile.Panel(
      title: title,
      keys: [
        ChartFile.Key(style: "fan-line", label: "Temporis"),
        ChartFile.Key(style: "fan-typical", label: "seasonal naive"),
      ], svg: chart.svg(id: id))
  }
}

extension BacktestResult.Example {
  /// What was observed, in runs without a gap.
  fileprivate var runs: [[HistoryPoint]] {
    var runs: [[HistoryPoint]] = [[]]
    for (timestamp, value) in zip(forecast.timestamps, actual) {
      if let value {
        runs[runs.count - 1].append(HistoryPoint(timestamp: timestamp, value: value))
      } else if runs.last?.isEmpty == false {
        runs.append([])
      }
    }
    return runs.filter { !$0.isEmpty }
  }
}
