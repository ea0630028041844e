/// A time of day, to the minute.
package struct ClockTime: Sendable, Hashable, CustomStringConvertible {
  /// Minutes since midnight, 0 to 1439.
  package let minute: Int

  /// Takes minutes since midnight; others are brought into the day.
  package init(minute: Int) {
    self.minute = min(max(minute, 0), 1_439)
  }

  /// Reads `HH:MM` or `H:MM`, 00:00 to 23:59. `nil` for anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, 1...2 ~= parts[0].utf8.count, parts[1].utf8.count == 2,
      parts.allSatisfy({ $0.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } }),
      let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
    else { return nil }
    self.minute = hour * 60 + minute
  }

  /// `HH:MM`.
  package var description: String {
    [minute / 60, minute % 60].map { ($0 < 10 ? "0" : "") + String($0) }.joined(separator: ":")
  }
}
