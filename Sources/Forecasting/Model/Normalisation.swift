/// Centre and half-width of the band in which a channel moves.
package struct Normalisation: Sendable {
  package let centre: Double
  package let width: Double

  /// Midpoint and half-width of the 1 % to 99 % band; a flat band falls back to the standard deviation, then to a
  /// thousandth of the last value.
  ///
  /// - Parameter values: not empty.
  package init(of values: [Double]) {
    let sorted = values.sorted()
    let (low, high) = (Quantile.of(sorted, 0.01), Quantile.of(sorted, 0.99))
    let tiny = 1e-12 * max(1, max(low.magnitude, high.magnitude))
    var width = (high - low) / 2
    if width <= tiny { width = LogGate.deviation(values) }
    if width <= tiny { width = max(values[values.count - 1].magnitude, 1) * 1e-3 }
    centre = (low + high) / 2
    self.width = width
  }

  func apply(_ value: Double) -> Double { (value - centre) / width }

  func undo(_ value: Double) -> Double { value * width + centre }
}
