import SwiftProtobuf

/// Timestamps as they stand in files: Unix seconds, or a date and time of ISO 8601.
package enum TimestampText {
  /// The fault of a timestamp, as the rest of a sentence that begins with the text.
  package struct Fault: Error, Hashable, Sendable {
    /// Such as `is not a day of the calendar`.
    package let message: String

    static let unreadable = Fault(
      message: "is neither Unix seconds nor a date and time such as 2026-05-01 12:30:00 UTC")
    static let fraction = Fault(message: "is not a whole number of seconds")
  }

  /// An instant as text that ``unixSeconds(_:)`` reads back: RFC 3339 in UTC for the years 1 to 9999, beyond which that
  /// format does not go; Unix seconds for any other.
  package static func text(unixSeconds seconds: Int64) -> String {
    let timestamp = Google_Protobuf_Timestamp.with { $0.seconds = seconds }
    // The form in JSON is RFC 3339 between quotes, and an error beyond these years.
    guard let quoted = try? timestamp.jsonString() else { return String(seconds) }
    return String(quoted.dropFirst().dropLast())
  }

  /// Reads a timestamp.
  ///
  /// Unix seconds are any number that the public API takes: `1750000000`, `1750000000.0`, `1.75e9`. A date is
  /// `2026-05-01`, which a time may follow: `2026-05-01T12:30`, `2026-05-01 12:30:00.000`. The zone comes last, after
  /// a blank or none: `Z`, `UTC`, `GMT`, an offset such as `+02:00`, or `+0000 UTC`; without one it is UTC. A fraction
  /// of a second must be zero. What has more than one meaning is refused: names of other zones, and dates that do not
  /// begin with the year.
  package static func unixSeconds(_ text: String) throws(Fault) -> Int64 {
    if let number = Int64(text) { return number }
    let bytes = Array(text.utf8)
    return if let number = try wholeNumber(bytes) { number } else { try calendar(bytes) }
  }

  /// Reads a decimal number with a fraction or an exponent.
  ///
  /// - Returns: `nil` for text that is no such number.
  private static func wholeNumber(_ bytes: [UInt8]) throws(Fault) -> Int64? {
    let parts = bytes.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 | 0x20 == UInt8(ascii: "e") }
    let unsigned = parts[0].first.map { "+-".utf8.contains($0) } == true ? parts[0].dropFirst() : parts[0]
    let mantissa = unsigned.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard mantissa.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }) else { return nil }
    var exponent = 0
    if parts.count == 2 {
      // Four characters are more than any finite number needs.
      guard parts[1].count <= 4, let number = Int(String(decoding: parts[1], as: UTF8.self)) else { return nil }
      exponent = number
    }
    let trailingZeros = mantissa.joined().reversed().prefix { $0 == UInt8(ascii: "0") }.count
    let fractionDigits = mantissa.count == 2 ? mantissa[1].count : 0
    guard exponent - fractionDigits + trailingZeros >= 0 else { throw .fraction }
    guard let number = Double(String(decoding: bytes, as: UTF8.self)), let seconds = Int64(exactly: number) else {
      throw Fault(message: "is too large for Unix seconds")
    }
    return seconds
  }

  private static func calendar(_ bytes: [UInt8]) throws(Fault) -> Int64 {
    var rest = bytes[...]
    func digits(_ count: Int) throws(Fault) -> Int64 {
      let taken = rest.prefix(count)
      guard taken.count == count, taken.allSatisfy(isDigit) else { throw .unreadable }
      rest = rest.dropFirst(count)
      return taken.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }
    func take(_ wanted: String) -> Bool {
      guard let byte = rest.first, wanted.utf8.contains(byte) else { return false }
      rest = rest.dropFirst()
      return true
    }
    let date = bytes.prefix { $0 != UInt8(ascii: " ") }.split(omittingEmptySubsequences: false) {
      "/.-".utf8.contains($0)
    }
    if date.count == 3, date[0].count <= 2, date.allSatisfy({ $0.allSatisfy(isDigit) }) {
      throw Fault(message: "may begin with the day or with the month: dates are written as 2026-05-01")
    }
    let year = try digits(4)
    guard take("-") else { throw .unreadable }
    let month = try digits(2)
    guard take("-") else { throw .unreadable }
    let day = try digits(2)
    guard year > 0, (1...12).contains(month), (1...length(of: month, year)).contains(day) else {
      throw Fault(message: "is not a day of the calendar")
    }
    var seconds = days(year, month, day) * 86_400
    // A blank may also come before the zone of a date alone.
    if rest.count > 1, isDigit(rest[rest.startIndex + 1]), take("Tt ") {
      let hour = try digits(2)
      guard take(":") else { throw .unreadable }
      let minute = try digits(2)
      let second = take(":") ? try digits(2) : 0
      guard hour < 24, minute < 60, second < 60 else { throw Fault(message: "is not a time of day") }
      if take(".,") {
        let fraction = rest.prefix(while: isDigit)
        rest = rest.dropFirst(fraction.count)
        guard !fraction.isEmpty, fraction.allSatisfy({ $0 == 0x30 }) else { throw .fraction }
      }
      seconds += hour * 3_600 + minute * 60 + second
    }
    _ = take(" ")
    if let sign = rest.first, take("+-") {
      let hours = try digits(2)
      let minutes = take(":") || rest.first.map(isDigit) == true ? try digits(2) : 0
      guard hours < 24, minutes < 60 else { throw Fault(message: "has an impossible offset") }
      let offset = hours * 3_600 + minutes * 60
      seconds -= sign == UInt8(ascii: "-") ? -offset : offset
      // Go writes `+0000 UTC`; behind another offset the name would contradict it.
      guard offset == 0 || rest.isEmpty else { throw .unreadable }
      _ = take(" ")
    }
    guard ["", "Z", "UTC", "GMT"].contains(String(decoding: rest, as: UTF8.self).uppercased()) else {
      throw Fault(message: "ends in something else than UTC, GMT, Z or an offset such as +02:00")
    }
    return seconds
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

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
