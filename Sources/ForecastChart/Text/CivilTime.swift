/// An instant in UTC by the Gregorian calendar, extended both ways.
package struct CivilTime: Sendable, Hashable {
  package let year: Int64
  package let month: Int
  package let day: Int
  package let hour: Int
  package let minute: Int
  package let second: Int

  /// Takes Unix seconds; those beyond the year 9,999,999 or before the year 1 are brought into that range.
  package init(unixSeconds: Int64) {
    let seconds = min(max(unixSeconds, -62_135_596_800), 315_500_000_000_000)
    let days = Self.floored(seconds, 86_400)
    let rest = Int(seconds - days * 86_400)
    // Counted from 1 March of the year 0, so that a leap day is the last of its year; eras have 400 years.
    let shifted = days + 719_468
    let era = Self.floored(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60)
  }

  /// The Unix second at which a month begins. Months count on: the 13th is January of the next year.
  package static func start(ofMonth month: Int64, year: Int64) -> Int64 {
    let year = year + floored(month - 1, 12)
    let month = month - 1 - floored(month - 1, 12) * 12 + 1
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = floored(shiftedYear, 400)
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return (era * 146_097 + dayOfEra - 719_468) * 86_400
  }

  /// `24 Nov`.
  package var dayText: String { "\(day) \(Self.months[month - 1])" }
  /// `Nov`.
  package var monthText: String { Self.months[month - 1] }
  /// `22:00`, or `22:00:05` with seconds.
  package func clockText(withSeconds: Bool = false) -> String {
    ([hour, minute] + (withSeconds ? [second] : [])).map { ($0 < 10 ? "0" : "") + String($0) }.joined(separator: ":")
  }
  /// Whether a day begins.
  package var isMidnight: Bool { hour == 0 && minute == 0 && second == 0 }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  static func floored(_ value: Int64, _ divisor: Int64) -> Int64 {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
