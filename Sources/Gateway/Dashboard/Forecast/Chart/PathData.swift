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
