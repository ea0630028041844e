import Forecasting
import Testing

/// What came before a jump must not rule what comes after it.
@Suite("Level changes") struct LevelChangeTests {
  private func forecast(_ old: [Double], _ new: [Double]) throws -> Forecast {
    try Forecaster.forecast([old + new], try .of(), count: 200, seed: 3)
  }

  @Test(
    "From the second point of a new level on, the forecast starts at it or its band holds both", arguments: 2...40)
  func jump(points: Int) throws {
    let old = TestSeries.bell(512 - points).map { 1 + 0.05 * $0 }
    for new in [
      Array(repeating: 1_000, count: points), TestSeries.bell(points, seed: 5).map { 1_000 + $0 },
      TestSeries.bell(points, seed: 5).map { -1_000 + $0 },
    ] {
      let level = new[points - 1]
      let forecast = try forecast(old, new)
      let median = forecast.quantile(0.5, step: 0)
      let isNear = abs(median - level) < 0.15 * abs(level)
      let low = forecast.quantile(0.02, step: 0)
      let high = forecast.quantile(0.98, step: 0)
      #expect(isNear || (low...high).contains(level), "\(points): \(low) \(median) \(high) of \(level)")
      if points >= 3 { #expect(isNear, "\(points): \(low) \(median) \(high) of \(level)") }
    }
  }

  @Test("A flat history that jumps, and one of zeros that does, go on at the new level", arguments: [0.0, 1])
  func flat(old: Double) throws {
    for points in 3...7 {
      let forecast = try forecast(
        Array(repeating: old, count: 512 - points), Array(repeating: 1_000, count: points))
      let band = forecast.band(step: 0)
      // Zeros are counts: then both levels are in the band.
      #expect(band.contains(1_000) || abs(forecast.quantile(0.5, step: 0) - 1_000) < 200, "\(points): \(band)")
    }
  }

  @Test("A drop is followed like a jump")
  func drop() throws {
    for points in [3, 5, 10, 60] {
      let forecast = try forecast(
        TestSeries.bell(512 - points).map { 1_000 + $0 }, TestSeries.bell(points).map { 3 + 0.1 * $0 })
      #expect(abs(forecast.quantile(0.5, step: 0) - 3) < 100)
    }
  }

  @Test("With 60 points of a new level its own noise is the band, not the jump")
  func settled() throws {
    let forecast = try forecast(
      TestSeries.bell(450).map { 1 + 0.05 * $0 }, TestSeries.bell(60, seed: 9).map { 1_000 + $0 })
    for step in [0, 32, 63] {
      let band = forecast.band(step: step)
      #expect(band.contains(1_000) && band.upperBound - band.lowerBound < 20, "\(band)")
    }
  }

  @Test("One point far off is no new level")
  func spike() throws {
    let forecast = try forecast(TestSeries.bell(511).map { 10 + $0 }, [1_000])
    #expect(forecast.quantile(0.1, step: 5) < 100)
  }
}
