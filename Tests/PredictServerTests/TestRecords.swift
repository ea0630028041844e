import SwiftProtobuf
import TemporisAPI

extension [Temporis_Predict_V1_Record] {
  /// A daily wave.
  static func hourly(_ name: String, count: Int, from start: Int64 = 1_760_000_400) -> Self {
    (0..<count).map { hour in
      .of(name, start + Int64(hour) * 3_600, 100 + Double(hour % 24) * 2 + Double(hour % 7))
    }
  }
}

extension Temporis_Predict_V1_Record {
  static func of(_ name: String, _ timestamp: Int64, _ value: Double) -> Self {
    .with {
      $0.name = name
      $0.timestamp = timestamp
      $0.value = value
    }
  }
}
