extension ForecastSettings {
  /// Checks one series name: 1 to 255 bytes of UTF-8, no control characters, and not `timestamp`, which names the row's
  /// own field in an answer.
  ///
  /// - Throws: `ForecastError` with `invalidSettings`.
  package static func validate(name: String) throws(ForecastError) {
    if let violation = violation(name: name) { throw ForecastError([violation]) }
  }

  static func violation(names: [String]) -> SettingViolation? {
    guard (1...64).contains(names.count) else {
      return SettingViolation(setting: "names", rule: "must hold 1 to 64 series, not \(names.count)")
    }
    var seen = Set<String>()
    for name in names {
      if let violation = violation(name: name) { return violation }
      guard seen.insert(name).inserted else {
        return SettingViolation(setting: "names", rule: "must hold every series once, not \(name) twice")
      }
    }
    return nil
  }

  private static func violation(name: String) -> SettingViolation? {
    let rule: String? =
      if !(1...255).contains(name.utf8.count) {
        "must be 1 to 255 bytes long each, not \(name.utf8.count)"
      } else if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
        "must not hold control characters"
      } else if name == "timestamp" {
        "must not hold timestamp, the field of every row"
      } else {
        nil
      }
    return rule.map { SettingViolation(setting: "names", rule: $0) }
  }

  static func violation<Value: BinaryInteger>(
    _ setting: String, _ value: Value, outside range: ClosedRange<Value>, unit: String = ""
  ) -> SettingViolation? {
    if range.contains(value) { return nil }
    let rule = "must be \(range.lowerBound) to \(range.upperBound)\(unit), not \(value)"
    return SettingViolation(setting: setting, rule: rule)
  }
}
