/// A length of time in words.
package enum DurationText {
  private static let units: [(seconds: Int64, singular: String, plural: String)] = [
    (604_800, "week", "weeks"), (86_400, "day", "days"), (3_600, "hour", "hours"), (60, "minute", "minutes"),
    (1, "second", "seconds"),
  ]

  /// The length in the largest unit that it is a multiple of: `1 hour`, `90 minutes`.
  package static func text(seconds: Int64) -> String {
    let unit = units.first { seconds != 0 && seconds.isMultiple(of: $0.seconds) } ?? (1, "second", "seconds")
    return Count.text(seconds / unit.seconds, unit.singular, unit.plural)
  }
}
