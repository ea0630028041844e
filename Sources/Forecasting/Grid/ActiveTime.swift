/// Tells active time from time inside an exclude window, and how long each lasts.
struct ActiveTime {
  private let window: ExcludeWindow?
  private var offsets: LocalOffsets?

  init(_ window: ExcludeWindow?) {
    offsets = window.flatMap { LocalOffsets($0.timeZone) }
    self.window = offsets == nil ? nil : window
  }

  var hasWindow: Bool { window != nil }

  mutating func isActive(_ instant: Int64) -> Bool { !state(at: instant).isMasked }

  /// Whether an instant is masked, and an instant up to which the same answer holds (it may hold longer).
  mutating func state(at instant: Int64) -> (isMasked: Bool, until: Int64) {
    guard let window, let segment = offsets?.segment(containing: instant) else { return (false, .max) }
    let local = instant + segment.offset
    let second = local - local.flooredQuotient(ExcludeWindow.daySeconds) * ExcludeWindow.daySeconds
    let isMasked = window.masks(second)
    let edge = Int64(isMasked ? window.stopMinute : window.startMinute) * 60
    let wait = edge > second ? edge - second : edge + ExcludeWindow.daySeconds - second
    return (isMasked, min(instant + wait, segment.end))
  }

  /// Whether an instant is masked, and an instant from which on the same answer held (it may have held longer).
  mutating func past(of instant: Int64) -> (isMasked: Bool, since: Int64) {
    guard let window, let segment = offsets?.segment(containing: instant) else { return (false, .min) }
    let local = instant + segment.offset
    let second = local - local.flooredQuotient(ExcludeWindow.daySeconds) * ExcludeWindow.daySeconds
    let isMasked = window.masks(second)
    let edge = Int64(isMasked ? window.startMinute : window.stopMinute) * 60
    let elapsed = second >= edge ? second - edge : second + ExcludeWindow.daySeconds - edge
    return (isMasked, max(instant - elapsed, segment.start))
  }

  /// Counts active points among `count` points `step` seconds apart, the first at `first`; stops above `limit`.
  mutating func activePoints(from first: Int64, step: Int64, count: Int64, limit: Int64) -> Int64 {
    guard hasWindow else { return count }
    var (index, active) = (Int64(0), Int64(0))
    while index < count && active <= limit {
      let instant = first + index * step
      let (isMasked, until) = state(at: instant)
      // The points up to `until` share its state, this one among them.
      let sharing = min((until - instant + step - 1) / step, count - index)
      if !isMasked { active += sharing }
      index += sharing
    }
    return active
  }
}

extension ActiveTime {
  /// The stretches of masked time between two instants, both included: the newest so many, oldest first.
  ///
  /// It walks back from the later instant a day at a time at most, and no further than it must.
  mutating func maskedSpans(from first: Int64, through last: Int64, limit: Int) -> [Range<Int64>] {
    guard hasWindow, first <= last else { return [] }
    var spans: [Range<Int64>] = []
    var instant = last
    while instant >= first {
      let (isMasked, since) = past(of: instant)
      let start = max(since, first)
      if isMasked, let newer = spans.last, newer.lowerBound == instant + 1 {
        // The answer for an instant may have held for longer: midnight in UTC parts a window that wraps it.
        spans[spans.count - 1] = start..<newer.upperBound
      } else if isMasked {
        guard spans.count < limit else { break }
        spans.append(start..<instant + 1)
      }
      instant = start - 1
    }
    return spans.reversed()
  }
}

extension ExcludeWindow {
  /// Whether a second of the local day is masked.
  fileprivate func masks(_ second: Int64) -> Bool {
    let (start, stop) = (Int64(startMinute) * 60, Int64(stopMinute) * 60)
    return start < stop ? start <= second && second < stop : second >= start || second < stop
  }
}
