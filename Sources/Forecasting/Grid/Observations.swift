/// The rows of one series.
package struct Observations: Sendable {
  /// Unix seconds, ascending.
  package let timestamps: [Int64]
  /// One a timestamp, finite.
  package let values: [Double]

  /// Takes rows in any order; sorts them only if they are not ascending yet.
  ///
  /// Rows that can hold no observation are left out: values that are not finite, timestamps outside 0 to 253402300799,
  /// and whatever one array has more than the other.
  package init(timestamps: [Int64], values: [Double]) {
    let domain = 0...ForecastSettings.latestTimestamp
    let isClean =
      timestamps.count == values.count && values.allSatisfy(\.isFinite) && timestamps.allSatisfy(domain.contains)
      && zip(timestamps, timestamps.dropFirst()).allSatisfy { $0 <= $1 }
    guard !isClean else {
      self.timestamps = timestamps
      self.values = values
      return
    }
    let rows = zip(timestamps, values).filter { domain.contains($0) && $1.isFinite }.sorted { $0.0 < $1.0 }
    self.timestamps = rows.map(\.0)
    self.values = rows.map(\.1)
  }
}
