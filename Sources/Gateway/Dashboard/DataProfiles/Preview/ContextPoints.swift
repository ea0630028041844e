import ForecastChart
import TemporisAPI

extension Temporis_Predict_V1_GetDataProfileContextResponse {
  /// Instants of which each can be subtracted from any other: the years 1970 to 9999, ascending; or none at all.
  var instants: [Int64] {
    let range: ClosedRange<Int64> = 0...253_402_300_799
    let isAscending = zip(timestamps, timestamps.dropFirst()).allSatisfy { $0 < $1 }
    return isAscending && timestamps.allSatisfy(range.contains) ? timestamps : []
  }

  /// The series that can be drawn: those that have a value, a finite one, at each instant.
  var wholeSeries: [(name: String, points: [HistoryPoint], filled: [Int])] {
    let instants = instants
    guard !instants.isEmpty else { return [] }
    return series.filter { $0.values.count == instants.count && $0.values.allSatisfy(\.isFinite) }.map { series in
      let points = zip(instants, series.values).map { HistoryPoint(timestamp: $0, value: $1) }
      return (series.name, points, series.filled.map { Int($0) })
    }
  }
}
