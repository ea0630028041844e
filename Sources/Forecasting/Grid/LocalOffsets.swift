// The one place that needs a time zone database.
import Foundation
import Synchronization

/// UTC offsets of one time zone, looked up a day at a time and remembered.
struct LocalOffsets {
  /// A stretch of time with one offset from UTC; `end` is not part of it.
  struct Segment {
    let start: Int64
    let end: Int64
    let offset: Int64
  }

  private let zone: TimeZone
  /// Segments by UTC day; a day with a change has two.
  private var days: [Int64: [Segment]] = [:]
  private static let rememberedDays = 65_536
  /// The Gregorian calendar repeats after 400 years, a whole number of weeks.
  private static let cycle: Int64 = 146_097 * 86_400

  /// Nil for an identifier that no zone has.
  init?(_ identifier: String) {
    guard Self.isKnown(identifier), let zone = TimeZone(identifier: identifier) else { return nil }
    self.zone = zone
  }

  /// Whether an identifier names a zone of the IANA database.
  static func isKnown(_ identifier: String) -> Bool {
    guard (1...64).contains(identifier.utf8.count) else { return false }
    if identifier == "UTC" || identifier == "GMT" { return true }
    // Foundation also makes fixed zones of `GMT+5`, which it spells anew; they are no IANA names.
    guard !identifier.hasPrefix("GMT"), let zone = TimeZone(identifier: identifier) else { return false }
    return zone.identifier == identifier
  }

  /// The segment, at most a day long, that holds an instant.
  mutating func segment(containing instant: Int64) -> Segment {
    // Beyond the year 9999 the rules of the same day of the calendar's cycle hold.
    let last = ForecastSettings.latestTimestamp
    let shift = instant > last ? (instant - last + Self.cycle - 1) / Self.cycle * Self.cycle : 0
    let day = (instant - shift).flooredQuotient(86_400)
    let segments = days[day] ?? remember(day)
    let found = segments.first { instant - shift < $0.end } ?? segments[segments.count - 1]
    return Segment(start: found.start + shift, end: found.end + shift, offset: found.offset)
  }

  private mutating func remember(_ day: Int64) -> [Segment] {
    let (start, end) = (day * 86_400, (day + 1) * 86_400)
    let (before, after) = (offset(at: start), offset(at: end))
    var segments = [Segment(start: start, end: end, offset: before)]
    if before != after {
      // No zone changes twice within a day, so one bisection finds the change.
      var (low, high) = (start, end)
      while high - low > 1 {
        let middle = low + (high - low) / 2
        if offset(at: middle) == before { low = middle } else { high = middle }
      }
      segments = [
        Segment(start: start, end: high, offset: before), Segment(start: high, end: end, offset: after),
      ].filter { $0.start < $0.end }
    }
    if days.count >= Self.rememberedDays { days.removeAll(keepingCapacity: true) }
    days[day] = segments
    return segments
  }

  private func offset(at instant: Int64) -> Int64 {
    Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant))))
  }
}

/// The offsets of a time zone from UTC over the years that rows come from, for whoever has to tell the wall clock
/// without a time zone database of the same release.
package struct ZoneOffsets: Sendable, Hashable {
  /// The offsets are exact up to the year 2200; what comes later has the last one.
  private static let end = Date(timeIntervalSince1970: 7_258_118_400)
  /// Before every instant that a grid may have.
  private static let begin: Int64 = -400_000_000_000

  /// Unix seconds at which an offset begins to hold, ascending. The first is before every row.
  package let starts: [Int64]
  /// Seconds to add to UTC from each of them on.
  package let seconds: [Int64]

  private static let known = Mutex<[String: ZoneOffsets]>([:])

  /// The offsets of a zone, which are found once; of one that nobody knows, UTC's.
  package static func of(_ window: ExcludeWindow) -> ZoneOffsets {
    if let offsets = known.withLock({ $0[window.timeZone] }) { return offsets }
    let offsets = ZoneOffsets(TimeZone(identifier: window.timeZone))
    known.withLock { $0[window.timeZone] = offsets }
    return offsets
  }

  private init(_ zone: TimeZone?) {
    var date = Date(timeIntervalSince1970: 0)
    var (starts, seconds) = ([Self.begin], [Int64(zone?.secondsFromGMT(for: date) ?? 0)])
    while let next = zone?.nextDaylightSavingTimeTransition(after: date), next > date, next < Self.end {
      date = next
      let offset = Int64(zone?.secondsFromGMT(for: next) ?? 0)
      guard offset != seconds[seconds.count - 1] else { continue }
      starts.append(Int64(next.timeIntervalSince1970.rounded()))
      seconds.append(offset)
    }
    (self.starts, self.seconds) = (starts, seconds)
  }
}

extension Int64 {
  /// Quotient rounded towards minus infinity, for a positive divisor.
  func flooredQuotient(_ divisor: Int64) -> Int64 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
