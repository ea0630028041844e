/// The scale of instants: marks at round times in UTC.
package struct TimeAxis: Sendable {
  package let ticks: [AxisTick]
  private let start: Int64
  private let end: Int64

  /// Makes a scale from one instant to a later one, in Unix seconds.
  /// - Parameter most: The most marks.
  package init(start: Int64, end: Int64, most: Int = 8) {
    // Far beyond every calendar, and near enough that nothing overflows.
    let limit: Int64 = 315_000_000_000_000
    self.start = min(max(start, -62_135_596_800), limit)
    self.end = min(max(end, self.start + 1), limit + 1)
    let (from, span) = (self.start, Double(self.end - self.start))
    var ticks = Self.marks(from: from, to: self.end, most: most).map { mark in
      AxisTick(position: Double(mark.instant - from) / span, label: mark.label, isStrong: mark.isStrong)
    }
    // Too little room for each: every other one may go, those that stand out last.
    let parity = (ticks.firstIndex { $0.isStrong } ?? 0) % 2
    if ticks.count > 4 {
      for index in ticks.indices where index % 2 != parity { ticks[index].isMinor = true }
    }
    self.ticks = ticks
  }

  /// The place of an instant: 0 at the beginning, 1 at the end.
  package func position(_ instant: Int64) -> Double {
    Double(min(max(instant, start), end) - start) / Double(end - start)
  }

  private typealias Mark = (instant: Int64, label: String, isStrong: Bool)

  private static let seconds: [Int64] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
    1_209_600,
  ]
  private static let month: Int64 = 2_629_746

  private static func marks(from start: Int64, to end: Int64, most: Int) -> [Mark] {
    let raw = max(1, (end - start + Int64(most) - 1) / Int64(most))
    if let step = seconds.first(where: { $0 >= raw }) { return clockMarks(from: start, to: end, step: step) }
    let months: [Int64] = [1, 3, 6]
    if let step = months.first(where: { $0 * month >= raw }) { return monthMarks(from: start, to: end, step: step) }
    var power: Int64 = 12
    while true {
      for step in [power, 2 * power, 5 * power] where step * month >= raw {
        return monthMarks(from: start, to: end, step: step)
      }
      power *= 10
    }
  }

  private static func clockMarks(from start: Int64, to end: Int64, step: Int64) -> [Mark] {
    // Weeks begin on Mondays, and the first of 1970 was the 5th of January.
    let origin: Int64 = step % 604_800 == 0 ? 345_600 : 0
    var instant = origin + (CivilTime.floored(start - origin, step) + 1) * step
    var marks: [Mark] = []
    while instant <= end {
      let time = CivilTime(unixSeconds: instant)
      let isDay = time.isMidnight
      marks.append((instant, isDay ? time.dayText : time.clockText(withSeconds: step < 60), isDay && step < 86_400))
      instant += step
    }
    return marks
  }

  private static func monthMarks(from start: Int64, to end: Int64, step: Int64) -> [Mark] {
    let first = CivilTime(unixSeconds: start)
    var month = CivilTime.floored(first.year * 12 + Int64(first.month) - 1, step) * step
    var marks: [Mark] = []
    while true {
      let instant = CivilTime.start(ofMonth: month % 12 + 1, year: month / 12)
      guard instant <= end, marks.count < 64 else { return marks }
      if instant > start {
        let time = CivilTime(unixSeconds: instant)
        let isYear = time.month == 1
        marks.append((instant, isYear ? String(time.year) : time.monthText, isYear && step < 12))
      }
      month += step
    }
  }
}

/// The notation of the instants of a forecast's rows: no finer than they need.
package struct RowTimes: Sendable {
  private let hasClock: Bool
  private let hasSeconds: Bool

  /// Chooses for instants in Unix seconds.
  package init(_ timestamps: [Int64]) {
    hasClock = timestamps.contains { !$0.isMultiple(of: 86_400) }
    hasSeconds = timestamps.contains { !$0.isMultiple(of: 60) }
  }

  /// The instant in UTC: `24 Nov 2026, 22:00`.
  package func text(_ timestamp: Int64) -> String {
    let time = CivilTime(unixSeconds: timestamp)
    return "\(time.dayText) \(time.year)" + (hasClock ? ", " + time.clockText(withSeconds: hasSeconds) : "")
  }
}
