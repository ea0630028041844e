/// What the engine would read, point by point, and what the settings leave out of it.
///
/// It is made by what makes a ``ForecastContext``, so that its values are those. A profile that has too few points for
/// a context has a preview all the same.
package struct ContextPreview: Sendable {
  /// One series of the newest points.
  package struct Series: Sendable {
    /// Oldest first: finite values, as many of every series.
    package let values: [Double]
    /// The places, among the values, of those that were carried forward. Ascending.
    package let filled: [Int]
    /// How many points of the whole context were filled so.
    package let filledCount: Int
  }

  /// The most stretches of masked time.
  package static let maskedSpanLimit = 512

  /// Unix seconds of the newest row that the exclude window leaves. `nil`: there is none.
  package let anchor: Int64?
  /// Unix seconds of the newest points, oldest first.
  package let timestamps: [Int64]
  /// One a name, in the order of the settings' names.
  package let series: [Series]
  /// The points of the whole context.
  package let pointCount: Int
  /// The points that are in no context: among the context's, newer ones, and where it is not full, older ones too.
  package let losses: GridLosses
  /// Masked time from the first of the timestamps to the anchor, oldest first: the newest stretches.
  package let maskedSpans: [Range<Int64>]

  /// Looks at what a context would be made of.
  ///
  /// - Parameters:
  ///   - rows: Read as for a context; `nil` for none.
  ///   - limit: The most points of each series that are kept: the newest. The counts are of all of them.
  package init(rows: GridRows?, settings: ForecastSettings, limit: Int) {
    let grid = JoinedGrid(rows, settings: settings, points: settings.contextLength)
    pointCount = grid.steps.count
    anchor = rows?.anchor
    guard let rows else {
      (timestamps, maskedSpans) = ([], [])
      series = settings.names.map { _ in Series(values: [], filled: [], filledCount: 0) }
      losses = GridLosses(seriesCount: settings.names.count)
      return
    }
    let hidden = max(0, grid.steps.count - max(0, limit))
    timestamps = grid.steps.dropFirst(hidden).map { rows.anchor - $0 * settings.step }
    series = zip(rows.series, grid.channels).map { buckets, values in
      let filled = Self.filled(grid.steps, in: buckets, spacing: Int64(settings.patchSpacing))
      return Series(
        values: Array(values.dropFirst(hidden)), filled: filled.filter { $0 >= hidden }.map { $0 - hidden },
        filledCount: filled.count)
    }
    var active = ActiveTime(settings.excludeWindow)
    losses = GridLosses(
      grid.runs, through: Self.oldestPoint(grid, settings), anchor: rows.anchor, step: settings.step, active: &active)
    maskedSpans = active.maskedSpans(
      from: timestamps.first ?? rows.anchor, through: rows.anchor, limit: Self.maskedSpanLimit)
  }

  /// The oldest point that is looked at: the context's own where that is full, and else the oldest that a series has.
  private static func oldestPoint(_ grid: JoinedGrid, _ settings: ForecastSettings) -> Int64 {
    if grid.steps.count >= settings.contextLength, let oldest = grid.steps.first { return oldest }
    return min(grid.last, grid.runs.compactMap { $0.last?.oldest }.max() ?? -1)
  }

  /// The places, among points, of those to which no row of a series is nearest. Ascending.
  private static func filled(_ steps: [Int64], in buckets: GridRows.Buckets, spacing: Int64) -> [Int] {
    var filled: [Int] = []
    var next = 0
    for index in steps.indices.reversed() {
      let point = steps[index] * spacing
      while next < buckets.points.count, buckets.points[next] < point { next += 1 }
      if next == buckets.points.count || buckets.points[next] != point { filled.append(index) }
    }
    return filled.reversed()
  }
}
