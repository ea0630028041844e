/// An observation, or the mean of some.
package struct HistoryPoint: Sendable, Hashable {
  /// Unix seconds.
  package let timestamp: Int64
  /// Finite.
  package let value: Double

  /// Takes a finite value.
  package init(timestamp: Int64, value: Double) {
    self.timestamp = timestamp
    self.value = value
  }
}

extension [HistoryPoint] {
  /// Cuts a line where more than a step lies between two points, and keeps one in so many: the last, and others
  /// counted back from it. A cut between two that are kept stays one.
  package func lines(step: Int64, stride: Int) -> [[HistoryPoint]] {
    var lines: [[HistoryPoint]] = []
    var isCut = true
    for (index, point) in enumerated() {
      if index > 0 {
        let (pause, overflows) = point.timestamp.subtractingReportingOverflow(self[index - 1].timestamp)
        if overflows || pause > step { isCut = true }
      }
      guard (count - 1 - index).isMultiple(of: Swift.max(1, stride)) else { continue }
      if isCut { lines.append([]) }
      lines[lines.count - 1].append(point)
      isCut = false
    }
    return lines
  }
}
