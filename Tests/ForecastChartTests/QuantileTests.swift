import ForecastChart
import Testing

@Suite struct QuantileTests {
  /// Reckoned by hand: position (n - 1) × share in the sorted values, interpolated linearly.
  private static let tables: [(values: [Double], p10: Double, p50: Double, p90: Double)] = [
    ([7], 7, 7, 7),
    ([3, 1], 1.2, 2, 2.8),
    ([30, 10, 20], 12, 20, 28),
    ([4, 1, 3, 2], 1.3, 2.5, 3.7),
    ([11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 2, 6, 10),
    ([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 1.9, 5.5, 9.1),
    ([-5, -5, -5], -5, -5, -5),
    ([-1, 1], -0.8, 0, 0.8),
    (Array(stride(from: 100.0, through: 0, by: -1)), 10, 50, 90),
  ]

  @Test("Quantiles are those of a table made by hand", arguments: tables.indices)
  func byHand(index: Int) {
    let table = Self.tables[index]
    let quantiles = Quantiles(table.values)
    #expect(abs(quantiles.p10 - table.p10) < 1e-12)
    #expect(abs(quantiles.p50 - table.p50) < 1e-12)
    #expect(abs(quantiles.p90 - table.p90) < 1e-12)
  }

  @Test("Equal values are their own quantiles, to the bit")
  func constant() {
    for value in [0.1, 1e300, Double.leastNonzeroMagnitude, -0.3] {
      let quantiles = Quantiles(repeatElement(value, count: 37))
      #expect(quantiles.p10 == value && quantiles.p50 == value && quantiles.p90 == value)
    }
  }

  @Test("Values at both ends of the range of a double have finite quantiles")
  func extremes() {
    let largest = Double.greatestFiniteMagnitude
    let quantiles = Quantiles([largest, -largest])
    #expect(quantiles.p10.isFinite && quantiles.p90.isFinite && quantiles.p50 == 0)
    #expect(quantiles.p10 < quantiles.p50 && quantiles.p50 < quantiles.p90)
  }
}
