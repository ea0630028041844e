import Forecasting
import TemporisAPI

/// The rules of one record, with the words that the public API answers.
struct RecordCheck {
  private static let timestamps: ClosedRange<Int64> = 0...253_402_300_799
  /// The last name that passed: records of one series tend to come together.
  private var goodName: String?

  /// What is wrong with a record; nil when nothing is.
  mutating func fault(of record: Temporis_Predict_V1_Record, at index: Int) -> String? {
    guard Self.timestamps.contains(record.timestamp) else {
      // Today's milliseconds are beyond the year 9999 in seconds.
      let hint = record.timestamp > Self.timestamps.upperBound ? "; this looks like milliseconds" : ""
      return "records[\(index)].timestamp must be an integer number of Unix seconds, 0 to 253402300799\(hint)"
    }
    let isGood = goodName.map { record.name.utf8.elementsEqual($0.utf8) } ?? false
    guard isGood || (try? ForecastSettings.validate(name: record.name)) != nil else {
      return "records[\(index)].name must be 1 to 255 bytes of UTF-8 without control characters, and not \"timestamp\""
    }
    goodName = record.name
    guard record.value.isFinite else { return "records[\(index)].value must be a finite number" }
    return nil
  }
}
