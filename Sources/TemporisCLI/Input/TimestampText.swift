/// Timestamps as they stand in files: Unix seconds, or ISO 8601.
package enum TimestampText {
  /// What is wrong with a timestamp, to follow the text itself.
  package struct Fault: Error, Hashable, Sendable {
    /// Such as `is not a time`.
    package let message: String
  }

  /// What a service takes: the years 1970 to 9999.
  package static let range: ClosedRange<Int64> = 0...253_402_300_799

  /// Reads a timestamp.
  ///
  /// ISO 8601 is `2026-05-01`, `2026-05-01T12:30`, `2026-05-01 12:30:00`, each with `Z` or an offset such as `+02:00`;
  /// without one it is UTC. A fraction of a second must be zero.
  package static func unixSeconds(_ text: String) throws(Fault) -> Int64 {
    let bytes = Array(text.utf8.drop { $0 == 0x20 })
    let seconds: Int64
    if let number = Int64(String(decoding: bytes, as: UTF8.self)) {
      if number > range.upperBound, number / 1_000 <= range.upperBound {
        throw Fault(message: "looks like milliseconds: Unix seconds are expected")
      }
      seconds = number
    } else {
      seconds = try calendar(bytes)
    }
    guard range.contains(seconds) else { throw Fault(message: "is not in the years 1970 to 9999") }
    return seconds
  }

  private static func calendar(_ bytes: [UInt8]) throws(Fault) -> Int64 {
    let unreadable = Fault(message: "is neither Unix seconds nor ISO 8601")
    var rest = bytes[...]
    func digits(_ count: Int) throws(Fault) -> Int64 {
      let taken = rest.prefix(count)
      guard taken.count == count, taken.allSatisfy({ (0x30...0x39).contains($0) }) else { throw unreadable }
      rest = rest.dropFirst(count)
      return taken.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }
    func take(_ wanted: String) -> Bool {
      guard let byte = rest.first, wanted.utf8.contains(byte) else { return false }
      rest = rest.dropFirst()
      return true
    }
    let year = try digits(4)
    guard take("-") else { throw unreadable }
    let month = try digits(2)
    guard take("-") else { throw unreadable }
    let day = try digits(2)
    guard (1...12).contains(month), (1...length(of: month, year)).contains(day) else {
      throw Fault(message: "is not a day of the calendar")
    }
    var seconds = days(year, month, day) * 86_400
    if take("Tt ") {
      let hour = try digits(2)
      guard take(":") else { throw unreadable }
      let minute = try digits(2)
      let second = take(":") ? try digits(2) : 0
      guard hour < 24, minute < 60, second < 60 else { throw Fault(message: "is not a time of day") }
      if take(".,") {
        let fraction = rest.prefix { (0x30...0x39).contains($0) }
        rest = rest.dropFirst(fraction.count)
        guard !fraction.isEmpty, fraction.allSatisfy({ $0 == 0x30 }) else {
          throw Fault(message: "is not a whole number of seconds")
        }
      }
      seconds += hour * 3_600 + minute * 60 + second
    }
    if take("Zz") {
    } else if let sign = rest.first, take("+-") {
      let hours = try digits(2)
      _ = take(":")
      let minutes = rest.isEmpty ? 0 : try digits(2)
      guard hours < 24, minutes < 60 else { throw Fault(message: "has an impossible offset") }
      let offset = hours * 3_600 + minutes * 60
      seconds -= sign == UInt8(ascii: "-") ? -offset : offset
    }
    guard rest.isEmpty else { throw unreadable }
    return seconds
  }

  private static func length(of month: Int64, _ year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970 of a Gregorian date, which counts years from March so that the leap day comes last.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
  }
}
