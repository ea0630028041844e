import Forecasting

/// The rows of one series of a file, in the order of time.
package struct SeriesRows: Sendable, Hashable {
  /// The series.
  package let name: String
  /// Unix seconds, ascending, each once.
  package let timestamps: [Int64]
  /// One a timestamp, finite.
  package let values: [Double]

  /// Takes rows in a file's order. Of several with one timestamp the last counts, as when the file is ingested.
  package init(name: String, timestamps: [Int64], values: [Double]) {
    self.name = name
    guard !zip(timestamps, timestamps.dropFirst()).allSatisfy({ $0 < $1 }) else {
      (self.timestamps, self.values) = (timestamps, values)
      return
    }
    // Their places in the file tell rows of one instant apart.
    let order = timestamps.indices.sorted { (timestamps[$0], $0) < (timestamps[$1], $1) }
    var (kept, last): ([Int64], [Double]) = ([], [])
    for place in order {
      if kept.last == timestamps[place] {
        last[last.count - 1] = values[place]
      } else {
        kept.append(timestamps[place])
        last.append(values[place])
      }
    }
    (self.timestamps, self.values) = (kept, last)
  }

  /// The rows of a span, its ends among them, as the engine takes them.
  func observations(from start: Int64 = .min, through end: Int64 = .max) -> Observations {
    let range = range(from: start, through: end)
    return Observations(timestamps: Array(timestamps[range]), values: Array(values[range]))
  }

  /// The newest timestamp up to an instant.
  func newest(through end: Int64) -> Int64? {
    timestamps[range(from: .min, through: end)].last
  }

  /// The mean of the rows that are nearest to a grid point, of two as near to the later. `nil`: there are none.
  package func mean(nearest instant: Int64, interval: Int64) -> Double? {
    let values = values[range(from: instant - interval / 2, through: instant + (interval - 1) / 2)]
    guard !values.isEmpty else { return nil }
    // Divided first, so that no sum leaves the range of a double.
    let count = Double(values.count)
    return values.count == 1 ? values.first : values.reduce(0) { $0 + $1 / count }
  }

  private func range(from start: Int64, through end: Int64) -> Range<Int> {
    let first = place { $0 >= start }
    return first..<max(first, place { $0 > end })
  }

  /// The first place from which on all timestamps are late enough.
  private func place(_ isLate: (Int64) -> Bool) -> Int {
    var (low, high) = (0, timestamps.count)
    while low < high {
      let middle = low + (high - low) / 2
      if isLate(timestamps[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
