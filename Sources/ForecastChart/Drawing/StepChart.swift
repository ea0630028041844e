/// Figures of parts of a horizon as a drawing: a line for each of several forecasters, from the first step to the last.
///
/// Drawn like a ``FanChart``, and with the same classes.
package struct StepChart: Sendable {
  /// One line.
  package struct Line: Sendable {
    /// The class that gives its colour: `fan-line`, `fan-typical` or `fan-history`.
    package let style: String
    /// One each part; `nil` where there is none.
    package let values: [Double?]

    package init(style: String, values: [Double?]) {
      self.style = style
      self.values = values
    }
  }

  private let name: String
  private let parts: [String]
  private let lines: [Line]
  private let values: ValueAxis

  /// Prepares a drawing.
  ///
  /// - Parameters:
  ///   - name: What the figures are.
  ///   - parts: The parts' labels: numbers of steps.
  ///   - including: A value that the scale holds, too.
  package init(name: String, parts: [String], lines: [Line], including: Double = 0) {
    (self.name, self.parts, self.lines) = (name, parts, lines)
    let all = lines.flatMap { $0.values.compactMap(\.self) }.filter(\.isFinite) + [including]
    values = ValueAxis(low: all.min() ?? 0, high: all.max() ?? 0)
  }

  /// The drawing as SVG.
  /// - Parameter id: What the ids in it begin with, different for every drawing of a page.
  package func svg(id: String) -> String {
    let marks = parts.enumerated().map { AxisTick(position: place($0), label: Markup.escaped($1)) }
    return """
      <svg class="fan" role="img" aria-labelledby="\(id)-title">\
      <title id="\(id)-title">\(Markup.escaped(name))</title>\
      \(values.ticks.standing)\(marks.lying)\(PathData.drawing(lines.map(path).joined()))</svg>
      """
  }

  /// The middle of a part's share of the axis.
  private func place(_ part: Int) -> Double {
    (Double(part) + 0.5) / Double(max(parts.count, 1))
  }

  private func path(_ line: Line) -> String {
    let points = line.values.prefix(parts.count).enumerated().compactMap { part, value in
      value.map { PathData.point(place(part), values.position($0)) }
    }
    guard !points.isEmpty else { return "" }
    let style = line.style + (points.count == 1 ? " fan-dot" : "")
    return "<path class=\"\(style)\" d=\"\(PathData(points).text)\"/>"
  }
}
