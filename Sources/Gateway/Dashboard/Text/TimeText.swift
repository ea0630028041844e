import ForecastChart
package import SwiftProtobuf

/// An instant in UTC, as the partial `Time` draws it.
package struct TimeText: Sendable, Hashable {
  /// The instants that every field of the contracts keeps to, in Unix seconds: the years 1970 to 9999.
  static let range: ClosedRange<Int64> = 0...253_402_300_799

  /// For machines: `2026-11-23T21:49:00Z`.
  package let iso: String
  /// For people: `23 Nov 2026, 21:49 UTC`; a day alone is `23 Nov 2026`.
  package let text: String

  /// Takes Unix seconds.
  /// - Parameter isDay: Whether only the day is meant.
  package init(unixSeconds: Int64, isDay: Bool = false) {
    let time = CivilTime(unixSeconds: min(max(unixSeconds, Self.range.lowerBound), Self.range.upperBound))
    let date = "\(time.year)-\(Self.padded(time.month))-\(Self.padded(time.day))"
    iso = isDay ? date : "\(date)T\(time.clockText(withSeconds: true))Z"
    text = "\(time.dayText) \(time.year)" + (isDay ? "" : ", \(time.clockText()) UTC")
  }

  /// Takes an instant of a message.
  package init(_ time: Google_Protobuf_Timestamp, isDay: Bool = false) {
    self.init(unixSeconds: time.seconds, isDay: isDay)
  }

  /// Reads an instant in UTC: `2026-11-23`, `2026-11-23T21:49` or `2026-11-23T21:49:30`, with a space in place of the
  /// `T` and a `Z` behind as well (RFC 3339, section 5.6). `nil` for anything else, and for a day that there is not.
  /// - Returns: Unix seconds.
  package static func unixSeconds(_ text: String) -> Int64? {
    let pattern = /([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?Z?/
    guard let match = text.wholeMatch(of: pattern)?.output, let year = Int64(match.1), let month = Int64(match.2),
      let day = Int64(match.3), 1...12 ~= month
    else { return nil }
    let start = CivilTime.start(ofMonth: month, year: year)
    let days = (CivilTime.start(ofMonth: month + 1, year: year) - start) / 86_400
    let (hour, minute) = (match.4.flatMap { Int64($0) } ?? 0, match.5.flatMap { Int64($0) } ?? 0)
    let second = match.6.flatMap { Int64($0) } ?? 0
    guard 1...days ~= day, hour < 24, minute < 60, second < 60 else { return nil }
    let seconds = start + (day - 1) * 86_400 + hour * 3_600 + minute * 60 + second
    return range.contains(seconds) ? seconds : nil
  }

  private static func padded(_ number: Int) -> String {
    (number < 10 ? "0" : "") + String(number)
  }
}
