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
    _ buckets: GridRows.Buckets, line: GridLine, settings: ForecastSettings, reach: Int64, active: inout ActiveTime
  ) {
    let spacing = Int64(settings.patchSpacing)
    for (index, point) in buckets.points.enumerated() {
      guard point <= reach else { break }
      let newer = buckets.newer[index]
      let isFilled = Self.fills(
        gap: point - newer - 1, after: line.instant(of: point), settings: settings, active: &active)
      let newest = isFilled ? newer + 1 : point
      let (first, last) = ((newest + spacing - 1) / spacing, point / spacing)
      if first <= last { runs.append(Run(newest: first, oldest: last, value: buckets.means[index])) }
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
