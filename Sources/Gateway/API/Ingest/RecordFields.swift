import TemporisAPI

/// The members of one record of an ingest request.
struct RecordFields {
  /// The error of a record, beginning with the member's name.
  struct Problem: Error, Hashable, CustomStringConvertible {
    let description: String
  }

  /// 9999-12-31T23:59:59Z.
  private static let latestTimestamp: Int64 = 253_402_300_799

  private var timestamp: JSONNumber?
  private var name: String?
  private var value: JSONNumber?

  /// Reads the record.
  /// - Returns: Whether it is an object; what is not is skipped.
  mutating func read(_ scanner: inout JSONScanner) throws(JSONSyntaxError) -> Bool {
    try scanner.objectIfAny { scanner, member throws(JSONSyntaxError) in
      switch member {
      case "timestamp": timestamp = try scanner.numberIfAny()
      case "name": name = try scanner.stringIfAny()
      case "value": value = try scanner.numberIfAny()
      default: try scanner.skip()
      }
    }
  }

  /// The record, or the first thing that is wrong with it.
  var record: Result<Temporis_Predict_V1_Record, Problem> {
    Result { () throws(Problem) in
      var record = Temporis_Predict_V1_Record()
      record.timestamp = try checkedTimestamp()
      record.name = try checkedName()
      record.value = try checkedValue()
      return record
    }
  }

  private func checkedTimestamp() throws(Problem) -> Int64 {
    let rule = "timestamp must be an integer number of Unix seconds"
    guard let timestamp, let seconds = timestamp.integer else { throw Problem(description: rule) }
    if 0...Self.latestTimestamp ~= seconds { return seconds }
    let isMilliseconds = seconds > 0 && seconds / 1_000 <= Self.latestTimestamp
    throw Problem(
      description: isMilliseconds ? "\(rule), not milliseconds" : "\(rule) from 0 to \(Self.latestTimestamp)")
  }

  private func checkedName() throws(Problem) -> String {
    guard let name else { throw Problem(description: "name must be a string") }
    guard 1...255 ~= name.utf8.count, !name.unicodeScalars.contains(where: \.isControl) else {
      throw Problem(description: "name must be 1 to 255 bytes of UTF-8 without control characters")
    }
    guard name != "timestamp" else { throw Problem(description: "name must not be 'timestamp'") }
    return name
  }

  private func checkedValue() throws(Problem) -> Double {
    guard let value, value.value.isFinite else { throw Problem(description: "value must be a finite number") }
    return value.value
  }
}

extension Unicode.Scalar {
  /// General category Cc: C0, DEL and C1.
  fileprivate var isControl: Bool {
    value < 0x20 || 0x7F...0x9F ~= value
  }
}
