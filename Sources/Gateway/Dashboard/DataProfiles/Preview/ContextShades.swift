package import ForecastChart
package import TemporisAPI

extension ContextChart.Shades {
  /// The most stretches of each kind that are drawn: the newest. More than so many would be one grey.
  private static let limit = 128

  /// Reads a profile's context.
  package init(_ context: Temporis_Predict_V1_GetDataProfileContextResponse) {
    let step = max(1, context.stepSeconds)
    let timestamps = context.instants
    let masked = context.maskedSpans.compactMap { span in
      span.startTimestamp < span.endTimestamp ? span.startTimestamp..<span.endTimestamp : nil
    }
    var gaps: [Range<Int64>] = []
    for (earlier, later) in zip(timestamps, timestamps.dropFirst()) where later - earlier > step {
      let missing = (later - earlier) / step - 1
      if missing > Self.points(of: earlier..<later, step: step, in: masked) { gaps.append(earlier..<later) }
    }
    if let last = timestamps.last, context.anchor > last {
      // The newest points of the grid, where not every series has a value.
      gaps.append(last..<context.anchor)
    }
    self.init(
      step: step, end: context.anchor, masked: Array(masked.suffix(Self.limit)), gaps: Array(gaps.suffix(Self.limit)))
  }

  /// How many points of the grid between two that are `span` apart lie in masked stretches.
  private static func points(of span: Range<Int64>, step: Int64, in masked: [Range<Int64>]) -> Int64 {
    masked.reduce(0) { count, stretch in
      let (from, to) = (max(stretch.lowerBound, span.lowerBound + 1), min(stretch.upperBound, span.upperBound))
      guard from < to else { return count }
      // Multiples of the step, counted from the span's beginning, from `from` on and before `to`.
      return count + (to - 1 - span.lowerBound) / step - (from - 1 - span.lowerBound) / step
    }
  }
}
