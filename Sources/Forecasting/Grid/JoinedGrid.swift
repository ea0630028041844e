/// The points of the grid at which every series has a value.
struct JoinedGrid {
  /// Instant of the newest point; nil when there is none.
  private(set) var newest: Int64?
  /// One array of values a series, oldest first, all of one length.
  private(set) var channels: [[Double]]
  /// The number of each point: how many steps before the anchor it lies. Oldest first, and so descending.
  private(set) var steps: [Int64] = []
  /// What was joined, one element a series, newest first.
  private(set) var runs: [[SeriesRuns.Run]] = []
  /// The oldest point that was looked for.
  private(set) var last: Int64 = -1

  /// Joins the series, and keeps the newest points.
  ///
  /// Masked points of the grid are left out. Where a series ends earlier, by more than the fill limit, the join ends
  /// there too. Linear in the rows' points and the points kept.
  ///
  /// - Parameters:
  ///   - rows: `nil` for none.
  ///   - points: most points to keep.
  init(_ rows: GridRows?, settings: ForecastSettings, points: Int) {
    channels = Array(repeating: [], count: rows?.series.count ?? settings.names.count)
    guard let rows, !channels.isEmpty else { return }
    var active = ActiveTime(settings.excludeWindow)
    let line = GridLine(anchor: rows.anchor, interval: settings.interval)
    let earliest = max(0, rows.anchor - settings.reach(points: points))
    // Without a window the points asked for are the newest so many of the grid, present or not.
    last = active.hasWindow ? (rows.anchor - earliest) / settings.step + 1 : Int64(points - 1)
    let buckets = (rows.anchor - earliest) / settings.interval + 1
    let reach = min(buckets, last * Int64(settings.patchSpacing) + Int64(settings.fillLimit))
    var series: [SeriesRuns] = []
    for buckets in rows.series {
      series.append(SeriesRuns(buckets, line: line, settings: settings, reach: reach, active: &active))
    }
    runs = series.map(\.runs)
    join(runs, anchor: rows.anchor, step: settings.step, points: points, active: &active)
  }

  private mutating func join(
    _ series: [[SeriesRuns.Run]], anchor: Int64, step: Int64, points: Int, active: inout ActiveTime
  ) {
    var next = Array(repeating: 0, count: series.count)
    var point: Int64 = 0
    search: while point <= last && channels[0].count < points {
      var oldest = last
      for index in series.indices {
        while next[index] < series[index].count, series[index][next[index]].oldest < point { next[index] += 1 }
        guard next[index] < series[index].count else { break search }
        let run = series[index][next[index]]
        if run.newest > point {
          point = run.newest
          continue search
        }
        oldest = min(oldest, run.oldest)
      }
      while point <= oldest && channels[0].count < points {
        let instant = anchor - point * step
        let (isMasked, since) = active.past(of: instant)
        guard !isMasked else {
          // On to the first point before the mask: a profile may have millions of points behind one.
          point += (instant - since) / step + 1
          continue
        }
        newest = newest ?? instant
        for index in series.indices { channels[index].append(series[index][next[index]].value) }
        steps.append(point)
        point += 1
      }
    }
    for index in channels.indices { channels[index].reverse() }
    steps.reverse()
  }
}
