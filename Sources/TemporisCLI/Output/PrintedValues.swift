import SwiftProtobuf

/// Numbers as they are printed.
package enum Count {
  /// A number with a comma between every three digits.
  package static func grouped(_ number: some BinaryInteger) -> String {
    var text = ""
    for (place, digit) in String(number.magnitude).reversed().enumerated() {
      if place > 0, place % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (number < 0 ? "-" : "") + String(text.reversed())
  }

  /// A number of things, such as `1 row` or `2,000 rows`.
  package static func grouped(_ number: some BinaryInteger, _ thing: String) -> String {
    "\(grouped(number)) \(thing)\(number == 1 ? "" : "s")"
  }

  /// A length of time such as `45 s`, `3 min 20 s` or `2 h 5 min`.
  package static func time(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    if whole < 60 { return "\(whole) s" }
    if whole < 3_600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3_600) h \(whole % 3_600 / 60) min"
  }
}

/// Amounts of money as they are printed.
package enum Money {
  /// Nano-dollars as dollars, exact, with at least two decimals.
  package static func dollars(nano: Int64) -> String {
    let magnitude = nano.magnitude
    var decimals = String(magnitude % 1_000_000_000)
    decimals = String(repeating: "0", count: 9 - decimals.count) + decimals
    while decimals.count > 2, decimals.last == "0" { decimals.removeLast() }
    return "\(nano < 0 ? "-" : "")$\(magnitude / 1_000_000_000).\(decimals)"
  }
}

extension Google_Protobuf_Timestamp {
  /// The instant to the second, as ``TimestampText`` writes it.
  var instant: String { TimestampText.text(unixSeconds: seconds) }
}

extension String {
  /// The text with a `?` for each control character: a name or a message may hold what would move a terminal's cursor.
  var printable: String {
    String(unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) })
  }
}
