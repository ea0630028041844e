import Forecasting
import ServiceKit
import TemporisAPI

/// The rules of the records of one call.
struct RecordValidation {
  /// The rule of a series' name.
  static let nameRule = "must be 1 to 255 bytes of UTF-8 without control characters, and not \"timestamp\""

  private static let timestamps: ClosedRange<Int64> = 0...253_402_300_799
  private let maximumFutureDays: Int
  /// Unix seconds of the latest row that is taken: one clock for all records of the call.
  private let latest: Int64
  /// The last name that passed: records of one series tend to come together.
  private var goodName: String?

  /// - Parameters:
  ///   - now: Unix seconds.
  ///   - maximumFutureDays: How far ahead of that a record may be, 0 or more.
  init(now: Int64, maximumFutureDays: Int) {
    self.maximumFutureDays = maximumFutureDays
    latest = now + Int64(maximumFutureDays) * 86_400
  }

  /// Whether a text can be a series' name.
  static func isValid(name: String) -> Bool {
    (try? ForecastSettings.validate(name: name)) != nil
  }

  /// The first rule that a record breaks; `nil` when it breaks none.
  mutating func violation(of record: Temporis_Predict_V1_Record, at index: Int) -> FieldViolation? {
    if let rule = timestampRule(brokenBy: record.timestamp) {
      return FieldViolation(field: "records[\(index)].timestamp", rule: rule)
    }
    let isGood = goodName.map { record.name.utf8.elementsEqual($0.utf8) } ?? false
    guard isGood || Self.isValid(name: record.name) else {
      return FieldViolation(field: "records[\(index)].name", rule: Self.nameRule)
    }
    goodName = record.name
    guard record.value.isFinite else {
      return FieldViolation(field: "records[\(index)].value", rule: "must be a finite number")
    }
    return nil
  }

  private func timestampRule(brokenBy timestamp: Int64) -> String? {
    guard Self.timestamps.contains(timestamp) else {
      // Today's milliseconds are beyond the year 9999 in seconds.
      let hint = timestamp > Self.timestamps.upperBound ? "; this looks like milliseconds" : ""
      return "must be an integer number of Unix seconds, 0 to 253402300799\(hint)"
    }
    guard timestamp <= latest else {
      return "must be at most \(maximumFutureDays) days ahead of the server's clock, not \(timestamp)"
    }
    return nil
  }
}
