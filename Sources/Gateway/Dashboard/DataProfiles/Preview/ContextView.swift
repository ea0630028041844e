import ForecastChart
package import TemporisAPI

/// What the model reads of a profile, as its page shows it: a drawing of each series, and one line of numbers.
package struct ContextView: Sendable {
  /// The most points of each series that are asked for.
  package static let pointLimit: Int32 = 512
  private static let seriesLimit = 4

  /// The drawing of a series.
  package struct Chart: Sendable {
    /// The series. `nil`: it is the only one.
    package let name: String?
    /// SVG.
    package let svg: String
    /// The drawing in words.
    package let summary: String
  }

  /// The numbers, in one line.
  package let numbers: String
  /// The drawings. Empty: there is no point.
  package let charts: [Chart]
  /// What is not drawn, in words.
  package let omissions: String?
  /// Whether a drawing shows values that were filled.
  package let hasFills: Bool
  /// Whether it shows masked time.
  package let hasMasks: Bool
  /// Whether it shows gaps.
  package let hasGaps: Bool

  /// Reads a profile's context.
  package init(_ context: Temporis_Predict_V1_GetDataProfileContextResponse) {
    let shades = ContextChart.Shades(context)
    let shown = context.wholeSeries.prefix(Self.seriesLimit)
    charts = shown.enumerated().map { index, series in
      let chart = ContextChart(
        ContextChart.Content(name: series.name, points: series.points, filled: series.filled, shades: shades))
      return Chart(
        name: context.series.count > 1 ? series.name : nil, svg: chart.svg(id: "context\(index)"),
        summary: chart.description)
    }
    numbers = Self.numbers(context)
    omissions = Self.omissions(context, shownSeries: charts.count)
    hasFills = shown.contains { !$0.filled.isEmpty }
    hasMasks = !charts.isEmpty && !shades.masked.isEmpty
    hasGaps = !charts.isEmpty && !shades.gaps.isEmpty
  }

  private static func numbers(_ context: Temporis_Predict_V1_GetDataProfileContextResponse) -> String {
    let filled = context.series.reduce(Int64(0)) { sum, series in
      let (sum, overflows) = sum.addingReportingOverflow(series.filledPoints)
      return overflows ? .max : sum
    }
    var parts = [
      "\(Count.text(context.contextPoints, "point", "points")) of at most \(Count.text(context.contextLimit)), "
        + "a forecast needs \(Count.text(context.servingPoints))",
      Count.text(filled, "value", "values") + " filled",
      Count.text(context.gapPoints) + " dropped in gaps",
    ]
    if context.series.count > 1 { parts.append(Count.text(context.unjoinedPoints) + " dropped by the join") }
    return (parts + [Count.text(context.maskedPoints) + " masked"]).joined(separator: " · ")
  }

  private static func omissions(
    _ context: Temporis_Predict_V1_GetDataProfileContextResponse, shownSeries: Int
  ) -> String? {
    guard shownSeries > 0 else { return nil }
    var texts: [String] = []
    if shownSeries < context.series.count {
      texts.append("Drawn are the first \(shownSeries) of \(Count.text(context.series.count)) series.")
    }
    if Int64(context.timestamps.count) < context.contextPoints {
      texts.append("Drawn are the newest \(Count.text(context.timestamps.count, "point", "points")).")
    }
    return texts.isEmpty ? nil : texts.joined(separator: " ")
  }
}
