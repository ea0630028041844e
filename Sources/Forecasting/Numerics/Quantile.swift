/// Quantiles with linear interpolation between order statistics (Hyndman and Fan 1996, type 7).
enum Quantile {
  /// - Parameters:
  ///   - sorted: ascending and not empty.
  ///   - share: 0 to 1.
  static func of(_ sorted: [Double], _ share: Double) -> Double {
    let position = Double(sorted.count - 1) * share
    let index = min(Int(position), sorted.count - 1)
    let next = min(index + 1, sorted.count - 1)
    let weight = position - Double(index)
    // Weighted apart, so that values near both ends of the range of a double do not overflow.
    return sorted[index] * (1 - weight) + sorted[next] * weight
  }

  static func median(_ sorted: [Double]) -> Double { of(sorted, 0.5) }
}
