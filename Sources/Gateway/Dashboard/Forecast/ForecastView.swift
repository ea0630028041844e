import ForecastChart
import ServiceKit

/// A forecast: its drawings, its tables and the same call to copy.
struct ForecastView: Sendable {
  /// One series.
  struct Series: Sendable {
    let name: String
    let id: String
    let svg: String
    let summary: String
    /// Whether its table is open at first.
    let isOpen: Bool
    /// The table's lines: markup made of numbers alone.
    let lines: String
  }

  /// Another part of the series.
  struct Part: Sendable {
    let first: Int
    let text: String
  }

  let profile: String
  let count: String
  let from: TimeText
  let until: TimeText
  let series: [Series]
  /// The parts that are not on the page, in words.
  let omissions: String?
  /// Whether history is drawn.
  let hasHistory: Bool
  let parts: [Part]
  let fields: [Hidden]
  let pathsText: String
  let typicalText: String
  let cost: ForecastCostView
  let samples: CodeSamples
  let requestID: String
  let againPath: String

  /// A field that asks for the same forecast again.
  struct Hidden: Sendable {
    let name: String
    let value: String
  }

  init(
    _ forecast: DrawnForecast, _ parameters: ForecastParameters, history: ForecastHistory?, form: ForecastForm,
    key: ForecastKey, origin: Origin
  ) {
    let scope = forecast.scope
    profile = parameters.dataProfile
    count = Count.text(forecast.count, "trajectory", "trajectories")
    from = TimeText(unixSeconds: forecast.predictFrom)
    until = TimeText(unixSeconds: forecast.timestamps.last ?? forecast.predictFrom)
    let typical = forecast.typical
    let lines = forecast.names.map { history?.lines(of: $0, before: forecast) ?? [] }
    hasHistory = lines.contains { !$0.isEmpty }
    series = forecast.names.indices.map { index in
      Self.series(forecast, index: index, typical: typical, history: lines[index])
    }
    omissions = Self.omissions(scope)
    parts = Self.parts(scope)
    fields =
      [Hidden(name: "key", value: key.description)]
      + ForecastForm.Field.allCases.map { Hidden(name: $0.rawValue, value: form[$0]) }
    let drawn = Count.text(scope.paths, "trajectory", "trajectories")
    pathsText =
      scope.paths < forecast.count ? "the first \(drawn)" : scope.paths == 1 ? "the trajectory" : "all \(drawn)"
    let loss = NumberStyle(low: 0, high: forecast.losses[typical]).text(forecast.losses[typical])
    typicalText = "No. \(Count.text(typical + 1)), with the least loss, \(loss)"
    cost = ForecastCostView(
      forecast.cost, count: forecast.count, steps: scope.rowCount, series: scope.seriesCount)
    samples = CodeSamples(
      base: origin.description, dataProfile: parameters.dataProfile, count: parameters.count,
      temperature: parameters.temperature,
      topP: parameters.topP)
    requestID = forecast.requestID
    againPath = form.path
  }

  private static func series(
    _ forecast: DrawnForecast, index: Int, typical: Int, history: [[HistoryPoint]]
  ) -> Series {
    let quantiles = forecast.quantiles(series: index)
    let path = Array(forecast.path(typical, series: index))
    let chart = FanChart(
      FanChart.Content(
        name: forecast.names[index], predictFrom: forecast.predictFrom, timestamps: forecast.timestamps,
        quantiles: quantiles,
        paths: (0..<forecast.scope.paths).map { Array(forecast.path($0, series: index)) }, typical: path,
        count: forecast.count, history: history))
    let style = NumberStyle(
      low: quantiles.lazy.map(\.p10).min() ?? 0, high: quantiles.lazy.map(\.p90).max() ?? 0)
    let times = RowTimes(forecast.timestamps)
    let lines = forecast.timestamps.indices.map { row in
      let numbers = [quantiles[row].p10, quantiles[row].p50, quantiles[row].p90, path[row]]
      return "<tr><th scope=row>\(times.text(forecast.timestamps[row]))"
        + numbers.map { "<td>\(style.text($0))" }.joined() + "\n"
    }
    return Series(
      name: forecast.names[index], id: "fan\(index)", svg: chart.svg(id: "fan\(index)"), summary: chart.description,
      isOpen: forecast.names.count == 1, lines: lines.joined())
  }

  private static func omissions(_ scope: ForecastScope) -> String? {
    var texts: [String] = []
    if scope.series.count < scope.seriesCount {
      texts.append(
        "This page shows series \(scope.series.lowerBound + 1) to \(scope.series.upperBound) of \(scope.seriesCount).")
    }
    if scope.stride > 1 {
      texts.append(
        "Of its \(Count.text(scope.rowCount)) rows one in \(scope.stride) is drawn and listed, and the last.")
    }
    guard !texts.isEmpty else { return nil }
    return texts.joined(separator: " ") + " The API answers with every row of every series."
  }

  private static func parts(_ scope: ForecastScope) -> [Part] {
    var parts: [Part] = []
    if scope.series.lowerBound > 0 {
      parts.append(Part(first: scope.series.lowerBound - scope.pageLength, text: "Series before these"))
    }
    if scope.series.upperBound < scope.seriesCount {
      parts.append(Part(first: scope.series.upperBound, text: "Series after these"))
    }
    return parts
  }
}
