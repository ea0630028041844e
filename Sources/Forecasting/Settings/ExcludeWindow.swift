/// A recurring time of day, on the wall clock of one time zone, that is neither read nor forecast.
///
/// The start is inside the window, the stop is not. A stop before the start wraps midnight. Across a daylight-saving
/// change the wall clock rules: the window keeps its local times, so its length in seconds may differ on that day.
package struct ExcludeWindow: Sendable, Hashable, CustomStringConvertible {
  static let daySeconds: Int64 = 86_400

  /// IANA identifier, such as `America/New_York`.
  package let timeZone: String
  /// Local minute of the day at which the window opens, 0 to 1,439.
  package let startMinute: Int
  /// Local minute of the day at which it closes, 0 to 1,439, different from the start.
  package let stopMinute: Int

  /// - Throws: `ForecastError` with `invalidSettings` for an unknown zone, a minute out of range, or an empty window.
  package init(timeZone: String, startMinute: Int, stopMinute: Int) throws(ForecastError) {
    guard LocalOffsets.isKnown(timeZone) else {
      throw Self.invalid("must have an IANA time zone such as America/New_York, not \(timeZone.prefix(64))")
    }
    guard (0..<1_440).contains(startMinute), (0..<1_440).contains(stopMinute) else {
      throw Self.invalid("must have times from 00:00 to 23:59")
    }
    guard startMinute != stopMinute else {
      throw Self.invalid("must not start and stop at the same time: leave it out to exclude nothing")
    }
    self.timeZone = timeZone
    self.startMinute = startMinute
    self.stopMinute = stopMinute
  }

  /// Reads `America/New_York 20:00-08:00`.
  ///
  /// - Throws: `ForecastError` with `invalidSettings`.
  package init(parsing text: String) throws(ForecastError) {
    let parts = text.split(separator: " ")
    guard parts.count == 2 else { throw Self.malformed(text) }
    let times = parts[1].split(separator: "-", omittingEmptySubsequences: false)
    guard times.count == 2, let start = Self.minute(times[0]), let stop = Self.minute(times[1]) else {
      throw Self.malformed(text)
    }
    try self.init(timeZone: String(parts[0]), startMinute: start, stopMinute: stop)
  }

  /// The canonical text, which `init(parsing:)` reads back.
  package var description: String { "\(timeZone) \(Self.clock(startMinute))-\(Self.clock(stopMinute))" }

  /// Length on a day without a daylight-saving change.
  var maskedSeconds: Int64 {
    let minutes = stopMinute - startMinute
    return Int64(minutes > 0 ? minutes : minutes + 1_440) * 60
  }

  /// What such a day leaves outside the window.
  var activeSeconds: Int64 { Self.daySeconds - maskedSeconds }

  /// Of how many points a step apart at least how many are active, given that one is.
  ///
  /// Points a step apart visit `86400 / gcd(step, 86400)` times of day; a window of that many seconds leaves at least
  /// the rounded-down share of them.
  func fewestActive(step: Int64) -> (active: Int64, all: Int64) {
    var (a, b) = (step, Self.daySeconds)
    while b != 0 { (a, b) = (b, a % b) }
    let all = Self.daySeconds / a
    return (max(1, all * activeSeconds / Self.daySeconds), all)
  }

  private static func minute(_ text: Substring) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2,
      parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
      let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
    else { return nil }
    return hour * 60 + minute
  }

  private static func clock(_ minute: Int) -> String {
    func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(twoDigits(minute / 60)):\(twoDigits(minute % 60))"
  }

  private static func malformed(_ text: String) -> ForecastError {
    invalid("must be written like America/New_York 20:00-08:00, not \(text.prefix(64))")
  }

  private static func invalid(_ rule: String) -> ForecastError {
    ForecastError([SettingViolation(setting: "exclude_window", rule: rule)])
  }
}
