/// The `d` of an SVG path: lines in whole units, each relative to the point before.
struct PathData {
  /// The inner drawing's size in units: drawings are stretched to their place.
  static let width = 2_000.0
  static let height = 1_000.0

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

  /// The point at shares of the drawing's width and height, which begin at its lower left.
  static func point(_ x: Double, _ y: Double) -> (x: Int, y: Int) {
    (Int((x * width).rounded()), Int(((1 - y) * height).rounded()))
  }

  /// Lines as the inner drawing that is stretched to its place.
  static func drawing(_ lines: String) -> String {
    "<svg viewBox=\"0 0 \(Int(width)) \(Int(height))\" preserveAspectRatio=\"none\">\(lines)</svg>"
  }
}
