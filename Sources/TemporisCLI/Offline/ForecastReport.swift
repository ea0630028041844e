import ForecastChart

/// A forecast as it is printed: the quantiles of each series, step by step.
package struct ForecastReport: Encodable {
  /// The quantiles of one step.
  struct Step: Encodable {
    /// Unix seconds.
    let timestamp: Int64
    /// By their labels.
    let quantiles: [String: Double]
  }

  /// One series.
  struct Series: Encodable {
    let name: String
    let steps: [Step]
  }

  private enum CodingKeys: CodingKey {
    case predictFrom, series
  }

  private let forecasts: [SeriesForecast]
  private let levels: QuantileLevels

  /// Takes the series of one forecast.
  package init(_ forecasts: [SeriesForecast], levels: QuantileLevels) {
    self.forecasts = forecasts
    self.levels = levels
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(forecasts.first?.predictFrom ?? 0, forKey: .predictFrom)
    let labels = levels.labels
    try container.encode(
      forecasts.map { forecast in
        Series(
          name: forecast.name,
          steps: forecast.timestamps.indices.map { step in
            Step(
              timestamp: forecast.timestamps[step],
              quantiles: Dictionary(zip(labels, quantiles(forecast, step))) { first, _ in first })
          })
      }, forKey: .series)
  }

  /// The lines of a CSV file: a heading, then each series' steps.
  package var csv: [String] {
    let heading = (["timestamp", "name"] + levels.labels).joined(separator: ",")
    return [heading]
      + forecasts.flatMap { forecast in
        let name = Self.csvField(forecast.name)
        return forecast.timestamps.indices.map { step in
          let time = TimestampText.text(unixSeconds: forecast.timestamps[step])
          return ([time, name] + quantiles(forecast, step).map(\.description)).joined(separator: ",")
        }
      }
  }

  /// The steps of one series, numbers to the right.
  package func table(_ forecast: SeriesForecast) -> Table {
    let rows = forecast.timestamps.indices.map { quantiles(forecast, $0) }
    let style = NumberStyle(low: rows.lazy.joined().min() ?? 0, high: rows.lazy.joined().max() ?? 0)
    let headings = levels.labels.map { $0.uppercased() }
    let cells = rows.map { $0.map { style.text($0).replacing("\u{2212}", with: "-") } }
    let widths = headings.indices.map { column in
      max(headings[column].count, cells.map { $0[column].count }.max() ?? 0)
    }
    func aligned(_ texts: [String]) -> [String] {
      zip(texts, widths).map { text, width in String(repeating: " ", count: width - text.count) + text }
    }
    var table = Table(headings: ["TIME"] + aligned(headings))
    for (timestamp, cells) in zip(forecast.timestamps, cells) {
      table.add([TimestampText.text(unixSeconds: timestamp)] + aligned(cells))
    }
    return table
  }

  private func quantiles(_ forecast: SeriesForecast, _ step: Int) -> [Double] {
    forecast.quantiles(step: step, levels: levels.levels)
  }

  /// A name as a field of CSV (RFC 4180, section 2).
  private static func csvField(_ text: String) -> String {
    let isPlain = text.withoutBlanks == text && !text.utf8.contains { ",\"\r\n".utf8.contains($0) }
    return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
