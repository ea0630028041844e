extension ForecastSettings {
  /// Checks one series name: 1 to 255 bytes of UTF-8, no control characters, and not `timestamp`, which names the row's
  /// own field in an answer.
  ///
  /// - Throws: `ForecastError` with `invalidSettings`.
  package static func validate(name: String) throws(ForecastError) {
    guard !name.isEmpty else { throw invalid("a series name is empty; give each series a name of 1 to 255 bytes") }
    guard name.utf8.count <= 255 else {
      throw invalid("a series name has \(name.utf8.count) bytes; use at most 255")
    }
    guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      throw invalid("a series name holds a control character; use printable characters only")
    }
    guard name != "timestamp" else {
      throw invalid("a series cannot be named timestamp, the field of every row; use another name")
    }
  }

  static func validate(names: [String]) throws(ForecastError) {
    guard (1...64).contains(names.count) else {
      throw invalid("names must hold 1 to 64 series, not \(names.count)")
    }
    var seen = Set<String>()
    for name in names {
      try validate(name: name)
      guard seen.insert(name).inserted else {
        throw invalid("names holds \(name) twice; list every series once")
      }
    }
  }

  static func check<Value: BinaryInteger>(
    _ setting: String, _ value: Value, in range: ClosedRange<Value>, unit: String = ""
  ) throws(ForecastError) {
    guard range.contains(value) else {
      throw invalid("\(setting) must be \(range.lowerBound) to \(range.upperBound)\(unit), not \(value)")
    }
  }

  private static func invalid(_ message: String) -> ForecastError {
    ForecastError(code: .invalidSettings, message: message)
  }
}
