import FoundationEssentials
package import SwiftProtobuf

/// An instant in UTC, as the partial `Time` draws it.
package struct TimeText: Sendable, Hashable {
  /// For machines: `2026-11-23T21:49:00Z`.
  package let iso: String
  /// For people: `23 Nov 2026, 21:49 UTC`; a day alone is `23 Nov 2026`.
  package let text: String

  /// Takes Unix seconds.
  /// - Parameter isDay: Whether only the day is meant.
  package init(unixSeconds: Int64, isDay: Bool = false) {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    // The range that every field of the contracts keeps to: the years 1970 to 9999.
    let seconds = min(max(unixSeconds, 0), 253_402_300_799)
    let parts = calendar.dateComponents(
      [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: Double(seconds)))
    let (year, month, day) = (parts.year ?? 1970, parts.month ?? 1, parts.day ?? 1)
    let (hour, minute, second) = (parts.hour ?? 0, parts.minute ?? 0, parts.second ?? 0)
    let date = "\(year)-\(Self.padded(month))-\(Self.padded(day))"
    let clock = "\(Self.padded(hour)):\(Self.padded(minute))"
    iso = isDay ? date : "\(date)T\(clock):\(Self.padded(second))Z"
    text = "\(day) \(Self.months[month - 1]) \(year)" + (isDay ? "" : ", \(clock) UTC")
  }

  /// Takes an instant of a message.
  package init(_ time: Google_Protobuf_Timestamp, isDay: Bool = false) {
    self.init(unixSeconds: time.seconds, isDay: isDay)
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private static func padded(_ number: Int) -> String {
    (number < 10 ? "0" : "") + String(number)
  }
}
