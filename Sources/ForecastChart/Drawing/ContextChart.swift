/// What the model reads of one series as a drawing: its values on the grid, those that were carried forward, the time
/// that the exclude window masks, and gaps.
///
/// It is stretched as a fan chart is, and shares its style.
package struct ContextChart: Sendable {
  /// The content of a drawing.
  package struct Content: Sendable {
    /// The series.
    package let name: String
    /// Oldest first, finite; not empty.
    package let points: [HistoryPoint]
    /// The places of those that were carried forward.
    package let filled: [Int]
    /// Masked stretches of time and gaps.
    package let shades: Shades

    /// Names what is drawn.
    package init(name: String, points: [HistoryPoint], filled: [Int], shades: Shades) {
      self.name = name
      self.points = points
      self.filled = filled.filter(points.indices.contains)
      self.shades = shades
    }
  }

  /// The time that holds no point.
  package struct Shades: Sendable {
    /// Seconds from one point of the grid to the next.
    package let step: Int64
    /// Where the grid ends, in Unix seconds.
    package let end: Int64
    /// Stretches that the exclude window masks, oldest first.
    package let masked: [Range<Int64>]
    /// From a point to the next one, where points between them are missing that are not masked. Oldest first.
    package let gaps: [Range<Int64>]

    /// Names what is drawn.
    package init(step: Int64, end: Int64, masked: [Range<Int64>], gaps: [Range<Int64>]) {
      self.step = step
      self.end = end
      self.masked = masked
      self.gaps = gaps
    }
  }

  /// With more points than this nobody could tell their dots apart.
  private static let dotLimit = 96

  private let content: Content
  private let values: ValueAxis
  private let times: TimeAxis
  private let style: NumberStyle
  private let range: (low: Double, high: Double)

  /// Prepares a drawing.
  package init(_ content: Content) {
    self.content = content
    range = (content.points.lazy.map(\.value).min() ?? 0, content.points.lazy.map(\.value).max() ?? 0)
    values = ValueAxis(low: range.low, high: range.high)
    style = NumberStyle(low: range.low, high: range.high)
    let (start, end) = (content.points.first?.timestamp ?? 0, content.points.last?.timestamp ?? 0)
    times = TimeAxis(start: start, end: max(end, content.shades.end))
  }

  /// The drawing as SVG.
  /// - Parameter id: What the ids in it begin with, different for every drawing of a page.
  package func svg(id: String) -> String {
    let title = Markup.escaped("What the model reads of \(content.name.prefix(64))")
    return """
      <svg class="fan" role="img" aria-labelledby="\(id)-title \(id)-text">\
      <title id="\(id)-title">\(title)</title><desc id="\(id)-text">\(Markup.escaped(description))</desc>\
      \(values.ticks.standing)\(times.ticks.lying)\(PathData.drawing(lines))</svg>
      """
  }

  /// The drawing in words.
  package var description: String {
    guard let first = content.points.first, let last = content.points.last else { return "" }
    let clock = RowTimes(content.points.map(\.timestamp))
    return "From \(clock.text(first.timestamp)) to \(clock.text(last.timestamp)) UTC: "
      + "\(Self.count(content.points.count, "point", "points")) from \(style.text(range.low)) to "
      + "\(style.text(range.high)), \(NumberStyle.grouped(content.filled.count)) of them filled, in "
      + "\(Self.count(segments.count, "stretch", "stretches"))."
  }

  private static func count(_ number: Int, _ one: String, _ many: String) -> String {
    "\(NumberStyle.grouped(number)) \(number == 1 ? one : many)"
  }

  private var segments: [[HistoryPoint]] { content.points.lines(step: content.shades.step, stride: 1) }

  private var lines: String {
    var lines = shade("context-mask", content.shades.masked) + shade("context-gap", content.shades.gaps)
    for segment in segments { lines += path("context-line", PathData(segment.map(place)).text) }
    if content.points.count <= Self.dotLimit { lines += dots("context-dot", content.points) }
    return lines + dots("context-fill", content.filled.map { content.points[$0] })
  }

  private func shade(_ style: String, _ spans: [Range<Int64>]) -> String {
    path(
      style,
      spans.map { span in
        let (left, right) = (x(span.lowerBound), x(span.upperBound))
        return "M\(left) 0h\(max(right - left, 1))v\(Int(PathData.height))H\(left)z"
      }.joined())
  }

  /// Lines that go nowhere: round caps make dots of them.
  private func dots(_ style: String, _ points: [HistoryPoint]) -> String {
    path(style, points.map { PathData([place($0)]).text }.joined())
  }

  private func path(_ style: String, _ data: String) -> String {
    data.isEmpty ? "" : "<path class=\"\(style)\" d=\"\(data)\"/>"
  }

  private func place(_ point: HistoryPoint) -> (x: Int, y: Int) {
    PathData.point(times.position(point.timestamp), values.position(point.value))
  }

  private func x(_ instant: Int64) -> Int { PathData.point(times.position(instant), 0).x }
}
