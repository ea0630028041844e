/// One series on the grid, newest first: runs of points that carry one value.
///
/// A run starts at a bucket that holds rows and, where the empty buckets after it are few enough, covers those too. So
/// a series of a few rows over ages stays a few runs, however many points lie between them.
struct SeriesRuns {
  /// Points `newest` to `oldest`, in units of the forecast step, counted backwards from the anchor.
  struct Run {
    let newest: Int64
    let oldest: Int64
    let value: Double
  }

  private(set) var runs: [Run] = []

  /// - Parameter reach: the oldest grid point wanted, in units of the interval.
  init(
    _ rows: Observations, line: GridLine, settings: ForecastSettings, reach: Int64, active: inout ActiveTime
  ) {
    let spacing = Int64(settings.patchSpacing)
    var newer: Int64 = -1
    // Rows after the anchor are masked, or it would lie later.
    var end = rows.timestamps.partitioningIndex { $0 > line.anchor }
    while end > 0 {
      let point = line.point(nearest: rows.timestamps[end - 1])
      guard point <= reach else { break }
      var start = end - 1
      while start > 0 && line.point(nearest: rows.timestamps[start - 1]) == point { start -= 1 }
      defer { end = start }
      guard active.isActive(line.instant(of: point)) else { continue }
      let isFilled = Self.fills(
        gap: point - newer - 1, after: line.instant(of: point), settings: settings, active: &active)
      let newest = isFilled ? newer + 1 : point
      newer = point
      let (first, last) = ((newest + spacing - 1) / spacing, point / spacing)
      if first <= last {
        runs.append(Run(newest: first, oldest: last, value: Self.mean(rows.values[start..<end])))
      }
    }
  }

  /// Whether the empty buckets after an occupied one are filled: those outside the window must be few enough.
  private static func fills(
    gap: Int64, after instant: Int64, settings: ForecastSettings, active: inout ActiveTime
  ) -> Bool {
    let limit = Int64(settings.fillLimit)
    if gap <= limit { return true }
    guard let window = settings.excludeWindow else { return false }
    // A gap this long holds too many active buckets, or no more than a few about a change of the zone's rules: it is
    // not worth the walk.
    let (fewest, all) = window.fewestActive(step: settings.interval)
    let worthIt = (limit + 1) * settings.interval * all / fewest + 7 * ExcludeWindow.daySeconds
    guard gap * settings.interval <= worthIt else { return false }
    return active.activePoints(from: instant + settings.interval, step: settings.interval, count: gap, limit: limit)
      <= limit
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

extension Array {
  /// Index of the first element that belongs to the second part, in an array that is parted already.
  func partitioningIndex(where belongsToSecondPart: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = low + (high - low) / 2
      if belongsToSecondPart(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
