/// The points of a grid that are in no context, counted by the reason.
///
/// Each point that was looked at is in the context, masked, a gap, or lost by the join: the counts add up.
package struct GridLosses: Sendable, Hashable {
  /// Points inside the exclude window.
  package private(set) var masked: Int64 = 0
  /// Points at which no series has a value.
  package private(set) var gaps: Int64 = 0
  /// Points at which some series have a value and others have none.
  package private(set) var unjoined: Int64 = 0
  /// For each series, points outside the exclude window at which it has no value.
  package private(set) var missing: [Int64]

  /// Counts nothing.
  init(seriesCount: Int) {
    missing = Array(repeating: 0, count: seriesCount)
  }

  /// Counts from the anchor, point 0, back to the oldest point of a grid. Linear in the runs, however long they are.
  init(
    _ runs: [[SeriesRuns.Run]], through oldest: Int64, anchor: Int64, step: Int64, active: inout ActiveTime
  ) {
    self.init(seriesCount: runs.count)
    var next = Array(repeating: 0, count: runs.count)
    var isPresent = Array(repeating: false, count: runs.count)
    var point: Int64 = 0
    while point <= oldest {
      // The points up to `end` have the same series.
      var end = oldest + 1
      for index in runs.indices {
        while next[index] < runs[index].count, runs[index][next[index]].oldest < point { next[index] += 1 }
        isPresent[index] = false
        guard next[index] < runs[index].count else { continue }
        let run = runs[index][next[index]]
        isPresent[index] = run.newest <= point
        end = min(end, isPresent[index] ? run.oldest + 1 : run.newest)
      }
      count(
        isPresent, points: end - point,
        open: active.activePoints(from: anchor - (end - 1) * step, step: step, count: end - point, limit: .max))
      point = end
    }
  }

  private mutating func count(_ isPresent: [Bool], points: Int64, open: Int64) {
    masked += points - open
    let found = isPresent.count { $0 }
    if found == 0 {
      gaps += open
    } else if found < isPresent.count {
      unjoined += open
    }
    for index in isPresent.indices where !isPresent[index] { missing[index] += open }
  }
}
