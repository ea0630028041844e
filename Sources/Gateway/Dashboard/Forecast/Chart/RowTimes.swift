/// How the instants of a forecast's rows are written: no finer than they need.
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
