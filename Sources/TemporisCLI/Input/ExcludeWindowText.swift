import SwiftProtobuf
package import TemporisAPI

/// A daily window as it is written on the command line: `America/New_York 20:00-08:00`.
package struct ExcludeWindowText: Hashable, Sendable {
  /// An IANA time zone; the service knows which there are.
  package let timeZone: String
  /// The first masked minute of the day, 0 to 1439.
  package let startMinute: Int32
  /// The first minute that is not masked any more, 0 to 1439.
  package let stopMinute: Int32

  /// Reads a window such as `America/New_York 20:00-08:00`.
  ///
  /// - Returns: `nil` for other text.
  package init?(parsing text: String) {
    let words = text.split(separator: " ")
    guard words.count == 2 else { return nil }
    let times = words[1].split(separator: "-", omittingEmptySubsequences: false).compactMap(Self.minute)
    guard times.count == 2, words[1].count(where: { $0 == "-" }) == 1 else { return nil }
    timeZone = String(words[0])
    (startMinute, stopMinute) = (times[0], times[1])
  }

  /// The text that reads as this window.
  package var text: String { "\(timeZone) \(Self.clock(startMinute))-\(Self.clock(stopMinute))" }

  /// Takes a window from a service's message.
  package init(_ message: Temporis_Predict_V1_ExcludeWindow) {
    timeZone = message.timeZone
    startMinute = message.startMinute
    stopMinute = message.stopMinute
  }

  /// The window as the services take it.
  package var message: Temporis_Predict_V1_ExcludeWindow {
    .with {
      $0.timeZone = timeZone
      $0.startMinute = startMinute
      $0.stopMinute = stopMinute
    }
  }

  private static func minute(_ text: Substring) -> Int32? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ (1...2).contains($0.count) && $0.allSatisfy(\.isASCIIDigit) }),
      let hour = Int32(parts[0]), let minute = Int32(parts[1]), hour < 24, minute < 60
    else { return nil }
    return hour * 60 + minute
  }

  private static func clock(_ minute: Int32) -> String {
    let (hours, minutes) = (minute / 60, minute % 60)
    return (hours < 10 ? "0" : "") + "\(hours):" + (minutes < 10 ? "0" : "") + "\(minutes)"
  }
}

extension Character {
  /// Whether it is one of 0 to 9; `isNumber` takes every script's.
  fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
