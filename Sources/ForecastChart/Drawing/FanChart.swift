/// A forecast of one series as a drawing: the band that holds 80 % of the trajectories, their median, and some of them.
///
/// It is as wide as its place and as high as the style says: texts stand at percentages of it, and lines are drawn in
/// an inner drawing that is stretched. All colours come from classes.
package struct FanChart: Sendable {
  private let content: Content
  private let values: ValueAxis
  private let times: TimeAxis

  /// Prepares a drawing.
  package init(_ content: Content) {
    self.content = content
    let (low, high) = content.range
    values = ValueAxis(low: low, high: high)
    let start = content.history.first?.first?.timestamp ?? content.predictFrom
    let end = content.timestamps.last ?? content.predictFrom
    // A single row stands in the middle, where its marks have room on both sides.
    let (doubled, overflows) = end.addingReportingOverflow(end.subtractingReportingOverflow(content.predictFrom).0)
    let isAlone = content.timestamps.count == 1 && content.history.isEmpty && !overflows
    times = TimeAxis(start: min(start, content.predictFrom), end: isAlone ? doubled : end)
  }

  /// The drawing as SVG.
  /// - Parameter id: What the ids in it begin with, different for every drawing of a page.
  package func svg(id: String) -> String {
    let title = Markup.escaped("Forecast of \(content.name.prefix(64))")
    let description = Markup.escaped(self.description)
    return """
      <svg class="fan" role="img" aria-labelledby="\(id)-title \(id)-text">\
      <title id="\(id)-title">\(title)</title><desc id="\(id)-text">\(description)</desc>\
      \(values.ticks.standing)\(times.ticks.lying)\(begin)\(PathData.drawing(lines))</svg>
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
    let trajectories = content.count == 1 ? "trajectory" : "trajectories"
    return "From \(clock.text(content.predictFrom)) to \(clock.text(end)) UTC: \(course); at the end, 80 % of "
      + "\(NumberStyle.grouped(content.count)) \(trajectories) lie between \(style.text(last.p10)) and "
      + "\(style.text(last.p90))."
  }

  /// A line where history ends and the forecast begins.
  private var begin: String {
    guard !content.history.isEmpty else { return "" }
    let x = AxisTick.percent(times.position(content.predictFrom))
    return "<line class=\"fan-now\" x1=\"\(x)\" x2=\"\(x)\" y2=\"100%\"/>"
  }

  private var lines: String {
    let band =
      content.quantiles.indices.map { point($0, content.quantiles[$0].p90) }
      + content.quantiles.indices.reversed().map { point($0, content.quantiles[$0].p10) }
    var lines = path("fan-band", band, isClosed: true)
    for values in content.paths { lines += path("fan-path", values.indices.map { point($0, values[$0]) }) }
    lines += path("fan-typical", content.typical.indices.map { point($0, content.typical[$0]) })
    for run in content.history {
      let points = run.map { PathData.point(times.position($0.timestamp), values.position($0.value)) }
      lines += "<path class=\"fan-history\" d=\"\(PathData(points).text)\"/>"
    }
    return lines + path("fan-line", content.quantiles.indices.map { point($0, content.quantiles[$0].p50) })
  }

  private func path(_ style: String, _ points: [(x: Int, y: Int)], isClosed: Bool = false) -> String {
    // The drawing of a single row is a mark.
    let style = content.quantiles.count == 1 ? style + " fan-dot" : style
    return points.isEmpty ? "" : "<path class=\"\(style)\" d=\"\(PathData(points).text)\(isClosed ? "z" : "")\"/>"
  }

  private func point(_ row: Int, _ value: Double) -> (x: Int, y: Int) {
    PathData.point(times.position(content.timestamps[row]), values.position(value))
  }
}
