/// The rows of a profile's series as its grid takes them: one mean for each grid point to which rows are nearest.
///
/// Grid points are `interval` seconds apart and counted backwards from the anchor. That is the newest row, over all
/// series, outside the exclude window: a masked row does not set the phase. Rows of masked points are in none.
package struct GridRows: Sendable {
  /// The grid points of one series that hold rows.
  package struct Buckets: Sendable {
    /// Newest first, and so ascending: 0 is the anchor.
    package private(set) var points: [Int64]
    /// For each, the next newer one that holds rows, whether it is among these or not; -1 for the newest.
    package private(set) var newer: [Int64]
    /// The mean of each one's rows.
    package private(set) var means: [Double]

    /// Takes points in order. Those that do not ascend from 0 on, and whose mean is not finite, are left out, and so is
    /// whatever one array has more than another.
    package init(points: [Int64], newer: [Int64], means: [Double]) {
      (self.points, self.newer, self.means) = ([], [], [])
      for index in 0..<min(points.count, newer.count, means.count) {
        append(points[index], newer: newer[index], mean: means[index])
      }
    }

    /// Puts rows on the grid.
    fileprivate init(_ rows: Observations, line: GridLine, active: inout ActiveTime) {
      (points, newer, means) = ([], [], [])
      // Rows after the anchor are masked, or it would lie later.
      var end = rows.timestamps.partitioningIndex { $0 > line.anchor }
      while end > 0 {
        let point = line.point(nearest: rows.timestamps[end - 1])
        var start = end - 1
        while start > 0 && line.point(nearest: rows.timestamps[start - 1]) == point { start -= 1 }
        if active.isActive(line.instant(of: point)) {
          append(point, newer: points.last ?? -1, mean: Self.mean(rows.values[start..<end]))
        }
        end = start
      }
    }

    private mutating func append(_ point: Int64, newer: Int64, mean: Double) {
      guard point > points.last ?? -1, newer >= -1, newer < point, mean.isFinite else { return }
      points.append(point)
      self.newer.append(newer)
      means.append(mean)
    }

    /// The mean, also where the sum leaves the range of a double.
    private static func mean(_ values: ArraySlice<Double>) -> Double {
      let sum = values.reduce(0, +)
      let count = Double(values.count)
      if sum.isFinite { return sum / count }
      let limit = Double.greatestFiniteMagnitude
      return min(max(values.reduce(0) { $0 + $1 / count }, -limit), limit)
    }
  }

  /// Unix seconds of grid point 0.
  package let anchor: Int64
  /// One a name, in the order of the settings' names.
  package let series: [Buckets]

  /// Takes what was put on the grid elsewhere.
  ///
  /// - Parameter anchor: 0 to 253402300799.
  package init(anchor: Int64, series: [Buckets]) {
    self.anchor = min(max(anchor, 0), ForecastSettings.latestTimestamp)
    self.series = series
  }

  /// Puts rows on a profile's grid. `nil`: there is none that the exclude window leaves.
  ///
  /// - Parameter observations: One a name, in the order of `settings.names`.
  package init?(_ observations: [Observations], settings: ForecastSettings) {
    var active = ActiveTime(settings.excludeWindow)
    guard let anchor = Self.anchor(observations, active: &active) else { return nil }
    let line = GridLine(anchor: anchor, interval: settings.interval)
    var series: [Buckets] = []
    for rows in observations { series.append(Buckets(rows, line: line, active: &active)) }
    self.init(anchor: anchor, series: series)
  }

  private static func anchor(_ observations: [Observations], active: inout ActiveTime) -> Int64? {
    var anchor: Int64?
    for rows in observations {
      for timestamp in rows.timestamps.reversed() {
        if let anchor, timestamp <= anchor { break }
        if active.isActive(timestamp) {
          anchor = timestamp
          break
        }
      }
    }
    return anchor
  }
}
