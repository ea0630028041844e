import ArgumentParser
import SwiftProtobuf

/// A length of time as it is typed: a whole number and a unit, such as `90d`.
package struct TimeSpan: Sendable, Hashable, ExpressibleByArgument {
  private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
  /// The longest that is read: 1,000 years, beyond every rule of the services.
  private static let limit: Int64 = 1_000 * 366 * 86_400

  /// The length in seconds.
  package let seconds: Int64

  /// Reads seconds, minutes, hours, days or weeks: `45s`, `30m`, `12h`, `90d`, `2w`. `nil` for anything else.
  package init?(argument text: String) {
    guard let unit = text.last.flatMap({ Self.units[$0] }) else { return nil }
    let digits = text.dropLast().utf8
    guard 1...12 ~= digits.count, digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
      let number = Int64(text.dropLast()), number <= Self.limit / unit
    else { return nil }
    seconds = number * unit
  }

  /// The length as messages have it.
  var duration: Google_Protobuf_Duration { Google_Protobuf_Duration(seconds: seconds) }
}
