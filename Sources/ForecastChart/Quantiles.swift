/// Quantiles of one row across trajectories.
package struct Quantiles: Sendable, Hashable {
  /// A tenth of the values lies below it.
  package let p10: Double
  /// The median.
  package let p50: Double
  /// A tenth of the values lies above it.
  package let p90: Double

  /// Takes a row's values in any order.
  ///
  /// Between two values it is interpolated linearly (Hyndman and Fan 1996, type 7), as `numpy.percentile` and
  /// `statistics.median` do unless told otherwise.
  /// - Precondition: There is at least one value.
  package init(_ values: some Sequence<Double>) {
    let sorted = values.sorted()
    precondition(!sorted.isEmpty, "quantiles of nothing")
    p10 = Self.of(sorted, 0.1)
    p50 = Self.of(sorted, 0.5)
    p90 = Self.of(sorted, 0.9)
  }

  /// The quantile of values in ascending order, of which there is at least one.
  /// - Parameter share: 0 to 1.
  package static func of(_ sorted: [Double], _ share: Double) -> Double {
    let position = Double(sorted.count - 1) * share
    let index = Int(position)
    let next = min(index + 1, sorted.count - 1)
    let weight = position - Double(index)
    // Between equals there is nothing to round; weighted apart, no sum leaves the range of a double.
    guard sorted[index] != sorted[next] else { return sorted[index] }
    return sorted[index] * (1 - weight) + sorted[next] * weight
  }
}
