/// A forecast of one series as a drawing: the band that holds 80 % of the trajectories, their median, and some of them.
///
/// It is as wide as its place and as high as the style says: texts stand at percentages of it, and lines are drawn in
/// an inner drawing that is stretched. All colours come from classes.
package struct FanChart: Sendable {
  /// The content of a drawing.
  package struct Content: Sendable {
    /// The series.
    package let name: String
    /// Unix seconds of the last observation.
    package let predictFrom: Int64
    /// Unix seconds of each row.
    package let timestamps: [Int64]
    /// One each row.
    package let quantiles: [Quantiles]
    /// Some trajectories, each with a value for every row.
    package let paths: [[Double]]
    /// The trajectory of the least loss.
    package let typical: [Double]
    /// The number of trajectories that the quantiles are of.
    package let count: Int

    /// Names what is drawn.
    package init(
      name: String, predictFrom: Int64, timestamps: [Int64], quantiles: [Quantiles], paths: [[Double]],
      typical: [Double], count: Int
    ) {
      self.name = name
      self.predictFrom = predictFrom
      self.timestamps = timestamps
      self.quantiles = quantiles
      self.paths = paths
      self.typical = typical
      self.count = count
    }
  }

  /// The inner drawing's size in its own units.
  private static let width = 2_000.0
  private static let height = 1_000.0

  private let content: Content
  private let values: ValueAxis
  private let times: TimeAxis

  /// Prepares a drawing.
  package init(_ content: Content) {
    self.content = content
    let (low, high) = Self.range(content)
    values = ValueAxis(low: low, high: high)
    let end = content.timestamps.last ?? content.predictFrom
    // A single row stands in the middle, where its marks have room on both sides.
    let (doubled, overflows) = end.addingReportingOverflow(end.subtractingReportingOverflow(content.predictFrom).0)
    times = TimeAxis(start: content.predictFrom, end: content.timestamps.count == 1 && !overflows ? doubled : end)
  }

  /// The drawing as SVG.
  /// - Parameter id: What the ids in it begin with, different for every drawing of a page.
  package func svg(id: String) -> String {
    let title = StrictHTML.escaped("Forecast of \(content.name.prefix(64))")
    let description = StrictHTML.escaped(self.description)
    return """
      <svg class="fan" role="img" aria-labelledby="\(id)-title \(id)-text">\
      <title id="\(id)-title">\(title)</title><desc id="\(id)-text">\(description)</desc>\(valueMarks)\(timeMarks)\
      <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" preserveAspectRatio="none">\(lines)</svg></svg>
      """
  }

  /// The drawing in words.
  package var description: String {
    guard let first = content.quantiles.first, let last = content.quantiles.last, let end = content.timestamps.last
    else { return "" }
    let style = NumberStyle(low: last.p10, high: last.p90)
    let clock = RowTimes([content.predictFrom] + content.timestamps)
    let course =
      content.quantiles.count > 1
      ? "the median goes from \(style.text(first.p50)) to \(style.text(last.p50))"
      : "the median is \(style.text(last.p50))"
    return "From \(clock.text(content.predictFrom)) to \(clock.text(end)) UTC: \(course); at the end, 80 % of "
      + "\(Count.text(content.count, "trajectory", "trajectories")) lie between \(style.text(last.p10)) and "
      + "\(style.text(last.p90))."
  }

  private var lines: String {
    let band =
      content.quantiles.indices.map { point($0, content.quantiles[$0].p90) }
      + content.quantiles.indices.reversed().map { point($0, content.quantiles[$0].p10) }
    var lines = path("fan-band", band, isClosed: true)
    for values in content.paths { lines += path("fan-path", values.indices.map { point($0, values[$0]) }) }
    lines += path("fan-typical", content.typical.indices.map { point($0, content.typical[$0]) })
    return lines + path("fan-line", content.quantiles.indices.map { point($0, content.quantiles[$0].p50) })
  }

  private func path(_ style: String, _ points: [(x: Int, y: Int)], isClosed: Bool = false) -> String {
    // The drawing of a single row is a mark.
    let style = content.quantiles.count == 1 ? style + " fan-dot" : style
    return points.isEmpty ? "" : "<path class=\"\(style)\" d=\"\(PathData(points).text)\(isClosed ? "z" : "")\"/>"
  }

  private func point(_ row: Int, _ value: Double) -> (x: Int, y: Int) {
    let x = times.position(content.timestamps[row]) * Self.width
    let y = (1 - values.position(value)) * Self.height
    return (Int(x.rounded()), Int(y.rounded()))
  }

  private var valueMarks: String {
    let marks = values.ticks.map { tick in
      let y = Self.percent(1 - tick.position)
      return "<line\(tick.isStrong ? " class=\"fan-zero\"" : "") x2=\"100%\" y1=\"\(y)\" y2=\"\(y)\"/>"
        + "<text x=\"-8\" y=\"\(y)\" dy=\".32em\">\(tick.label)</text>"
    }
    return "<g class=\"fan-values\">\(marks.joined())</g>"
  }

  private var timeMarks: String {
    let marks = times.ticks.map { tick in
      let x = Self.percent(tick.position)
      var classes = tick.isMinor ? ["fan-minor"] : []
      let line = "<line\(Self.attribute(classes)) x1=\"\(x)\" x2=\"\(x)\" y2=\"100%\"/>"
      if tick.isStrong { classes.append("fan-day") }
      if tick.position > 0.95 { classes.append("fan-last") }
      if tick.position < 0.05 { classes.append("fan-first") }
      return line + "<text\(Self.attribute(classes)) x=\"\(x)\" y=\"100%\" dy=\"1.7em\">\(tick.label)</text>"
    }
    return "<g class=\"fan-times\">\(marks.joined())</g>"
  }

  /// All quantiles, and of the trajectories what lies within half as much again: a single wild one shall not flatten
  /// the rest.
  private static func range(_ content: Content) -> (low: Double, high: Double) {
    let low = content.quantiles.lazy.map(\.p10).min() ?? 0
    let high = content.quantiles.lazy.map(\.p90).max() ?? 0
    // Halved, so that the difference of two numbers as far apart as can be is one.
    let margin = high / 2 - low / 2
    let (floor, ceiling) = (clamped(low - margin), clamped(high + margin))
    let drawn = (content.paths + [content.typical]).lazy.joined().filter(\.isFinite)
    return (
      max(floor, min(low, drawn.min() ?? low)), min(ceiling, max(high, drawn.max() ?? high))
    )
  }

  private static func attribute(_ classes: [String]) -> String {
    classes.isEmpty ? "" : " class=\"\(classes.joined(separator: " "))\""
  }

  private static func clamped(_ value: Double) -> Double {
    min(max(value, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
  }

  /// A share with two digits behind the point: `33.33%`.
  private static func percent(_ share: Double) -> String {
    let hundredths = Int((min(max(share, 0), 1) * 10_000).rounded())
    let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
    return rest == 0 ? "\(whole)%" : "\(whole)." + (rest < 10 ? "0" : "") + "\(rest)%"
  }
}

/// The `d` of an SVG path: lines in whole units, each relative to the point before.
struct PathData {
  private(set) var text = ""
  private var last: (x: Int, y: Int)?

  /// A line through points.
  init(_ points: some Sequence<(x: Int, y: Int)>) {
    for point in points {
      if let last {
        append(point.x - last.x)
        append(point.y - last.y)
      } else {
        text = "M\(point.x) \(point.y)l"
      }
      last = point
    }
    // A line that goes nowhere: round caps make a dot of it.
    if text.hasSuffix("l") { text += "0 0" }
  }

  private mutating func append(_ number: Int) {
    if number >= 0, text.last != "l" { text.append(" ") }
    text += String(number)
  }
}
