/// A mark on an axis.
package struct AxisTick: Sendable, Hashable {
  /// 0 at the axis's beginning, 1 at its end.
  package let position: Double
  package let label: String
  /// Whether it stands out, as the beginning of a day does among hours.
  package var isStrong = false
  /// Whether it may be left out where there is little room.
  package var isMinor = false

  /// A share with two digits behind the point: `33.33%`.
  static func percent(_ share: Double) -> String {
    let hundredths = Int((min(max(share, 0), 1) * 10_000).rounded())
    let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
    return rest == 0 ? "\(whole)%" : "\(whole)." + (rest < 10 ? "0" : "") + "\(rest)%"
  }
}

extension [AxisTick] {
  /// The marks of an axis that stands, as SVG: a line across the drawing at each, and its label in front of it.
  var standing: String {
    let marks = map { tick in
      let y = AxisTick.percent(1 - tick.position)
      return "<line\(tick.isStrong ? " class=\"fan-zero\"" : "") x2=\"100%\" y1=\"\(y)\" y2=\"\(y)\"/>"
        + "<text x=\"-8\" y=\"\(y)\" dy=\".32em\">\(tick.label)</text>"
    }
    return "<g class=\"fan-values\">\(marks.joined())</g>"
  }

  /// The marks of an axis that lies, as SVG: a line up the drawing at each, and its label below.
  var lying: String {
    let marks = map { tick in
      let x = AxisTick.percent(tick.position)
      var classes = tick.isMinor ? ["fan-minor"] : []
      let line = "<line\(Self.attribute(classes)) x1=\"\(x)\" x2=\"\(x)\" y2=\"100%\"/>"
      if tick.isStrong { classes.append("fan-day") }
      if tick.position > 0.95 { classes.append("fan-last") }
      if tick.position < 0.05 { classes.append("fan-first") }
      return line + "<text\(Self.attribute(classes)) x=\"\(x)\" y=\"100%\" dy=\"1.7em\">\(tick.label)</text>"
    }
    return "<g class=\"fan-times\">\(marks.joined())</g>"
  }

  private static func attribute(_ classes: [String]) -> String {
    classes.isEmpty ? "" : " class=\"\(classes.joined(separator: " "))\""
  }
}
