/// Centre and half-width of the band in which a channel moves.
package struct Normalisation: Sendable {
  package let centre: Double
  package let width: Double

  /// Outliers are clipped at 8 half-widths: one spike must not own a least-squares fit.
  static let clip = 8.0

  /// Midpoint and half-width of the 1 % to 99 % band; a band as flat as rounding falls back to the standard deviation,
  /// then to the largest magnitude.
  ///
  /// - Parameter sorted: ascending, not empty.
  init(ofSorted sorted: [Double]) {
    let (low, high) = (Quantile.of(sorted, 0.01), Quantile.of(sorted, 0.99))
    let largest = max(sorted[0].magnitude, sorted[sorted.count - 1].magnitude)
    // Four roundings of the largest value.
    let tiny = 4 * Double.ulpOfOne * largest
    var width = (high - low) / 2
    if width <= tiny { width = Moments.deviation(sorted) }
    if width <= tiny { width = max(largest, .leastNormalMagnitude) }
    centre = (low + high) / 2
    self.width = width
  }

  /// Centred, in half-widths, clipped; but two of the last three values never are, for they may be a new level.
  func apply(_ values: [Double]) -> [Double] {
    let normalised = values.map { ($0 - centre) / width }
    let median = Quantile.median(normalised.suffix(3).sorted())
    let (low, high) = (min(-Self.clip, median), max(Self.clip, median))
    return normalised.map { min(max($0, low), high) }
  }

  func undo(_ value: Double) -> Double { value * width + centre }
}
