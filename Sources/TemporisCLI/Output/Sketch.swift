package import ForecastChart

/// A forecast of one series drawn with characters: what was observed, the band that holds 80 %, and the median.
package struct Sketch: Sendable {
  /// The characters of a drawing.
  private struct Pen {
    let observed, median, band, wall, floor, corner: Character

    static let blocks = Pen(observed: "•", median: "━", band: "░", wall: "│", floor: "─", corner: "└")
    static let plain = Pen(observed: "*", median: "=", band: ".", wall: "|", floor: "-", corner: "+")
  }

  /// What stands in one column.
  private enum Mark {
    case observed(Double)
    case forecast(low: Double, median: Double, high: Double)
  }

  private static let height = 12
  /// The widest drawing, in characters.
  private static let widest = 120

  private let marks: [Mark]
  private let axis: ValueAxis
  private let pen: Pen

  /// Prepares a drawing.
  ///
  /// - Parameters:
  ///   - history: The newest observations, ascending.
  ///   - columns: How wide it may be.
  ///   - isPlain: Whether it is made of ASCII alone.
  package init(history: [Double], fan: [Quantiles], columns: Int, isPlain: Bool) {
    pen = isPlain ? .plain : .blocks
    let values = history + fan.flatMap { [$0.p10, $0.p90] }
    axis = ValueAxis(low: values.min() ?? 0, high: values.max() ?? 0)
    let labels = axis.ticks.map(\.label.count).max() ?? 0
    let room = min(max(columns - labels - 2, 8), Self.widest)
    let points = history.count + fan.count
    // Where there is room for more, every point has as many columns.
    let width = points > room ? room : points * max(room / max(points, 1), 1)
    marks = (0..<width).map { column in
      let first = column * points / width
      let end = max(first + 1, (column + 1) * points / width)
      guard first >= history.count else { return .observed(Self.mean(history[first..<min(end, history.count)])) }
      let steps = fan[(first - history.count)..<(end - history.count)]
      return .forecast(
        low: steps.lazy.map(\.p10).min() ?? 0, median: Self.mean(steps.map(\.p50)),
        high: steps.lazy.map(\.p90).max() ?? 0)
    }
  }

  /// The lines, without their ends.
  ///
  /// - Parameters:
  ///   - start: The first instant, in words.
  ///   - end: The last.
  package func lines(from start: String, to end: String) -> [String] {
    var rows = [[Character]](repeating: Array(repeating: " ", count: marks.count), count: Self.height)
    for (column, mark) in marks.enumerated() {
      switch mark {
      case .observed(let value):
        rows[row(value)][column] = pen.observed
      case .forecast(let low, let median, let high):
        for place in row(high)...max(row(high), row(low)) { rows[place][column] = pen.band }
        rows[row(median)][column] = pen.median
      }
    }
    var labels: [Int: String] = [:]
    for tick in axis.ticks { labels[row(at: tick.position)] = label(tick) }
    let width = labels.values.map(\.count).max() ?? 0
    let lines = rows.enumerated().map { place, characters in
      padded(labels[place] ?? "", width) + " \(pen.wall)" + String(characters)
    }
    let margin = String(repeating: " ", count: width + 1)
    let floor = margin + "\(pen.corner)" + String(repeating: pen.floor, count: marks.count)
    let gap = String(repeating: " ", count: max(1, marks.count - start.count - end.count))
    let key = "\(pen.observed) observed  \(pen.median) median  \(pen.band) 80 % of the trajectories"
    return lines + [floor, "\(margin) \(start)\(gap)\(end)", "\(margin) \(key)"]
  }

  private func row(_ value: Double) -> Int { row(at: axis.position(value)) }

  private func row(at position: Double) -> Int {
    Int(((1 - min(max(position, 0), 1)) * Double(Self.height - 1)).rounded())
  }

  private func label(_ tick: AxisTick) -> String {
    pen.wall == "|" ? tick.label.replacing("\u{2212}", with: "-") : tick.label
  }

  private func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// Divided first, so that no sum leaves the range of a double.
  private static func mean(_ values: some Collection<Double>) -> Double {
    let count = Double(values.count)
    return values.reduce(0) { $0 + $1 / count }
  }
}
