import Forecasting
import Testing

/// Honest from the first points on.
@Suite("Short histories") struct ShortHistoryTests {
  private func forecast(_ values: [Double], usesDiffs: Bool = false) throws -> Forecast {
    try Forecaster.forecast(
      [values], try .of(interval: 31_556_952, patchLength: 6, usesDiffs: usesDiffs, horizonPatches: 1), count: 300)
  }

  @Test("Two and three points give a band that holds as large a step as they show, either way")
  func fewest() throws {
    for values in [[4.0, 5], [5, 5, 6], [1, 2, 3], [3, 2, 1], [10, 10.5, 10.2]] {
      let forecast = try forecast(values)
      let step = zip(values, values.dropFirst()).map { abs($0 - $1) }.max() ?? 0
      let last = values[values.count - 1]
      let band = forecast.band(step: 0)
      #expect(band.upperBound - band.lowerBound > step, "\(values): \(band)")
      #expect(forecast.quantile(0.02, step: 5) <= last && last <= forecast.quantile(0.98, step: 5))
    }
  }

  @Test("One point, and few equal ones, repeat: nothing tells how far they move")
  func constant() throws {
    for values in [[4.0], [7, 7], [7, 7, 7, 7]] {
      let forecast = try forecast(values)
      #expect(forecast.trajectories.allSatisfy { $0.loss == 0 && $0.values.allSatisfy { $0 == values[0] } })
    }
  }

  @Test("The band narrows as points come, and never closes")
  func narrowing() throws {
    let values = TestSeries.bell(40, seed: 21).map { 100 + $0 }
    let widths = try [3, 8, 40].map { try forecast(Array(values.prefix($0))).width }
    #expect(widths[0] > widths[2] && widths.allSatisfy { $0 > 1 }, "\(widths)")
  }

  @Test(
    "From 3 to 40 points of noise the 80 % band holds well over half of what comes",
    arguments: [3, 4, 5, 6, 8, 12, 20, 40])
  func coverage(points: Int) throws {
    var inside = 0
    for seed in 0..<120 {
      var stream = RandomStream(seed: 11, trajectory: seed)
      let values = (0..<(points + 6)).map { _ in 50 + 3 * stream.normal() }
      let forecast = try forecast(Array(values.prefix(points)))
      inside += (0..<6).count { forecast.band(step: $0).contains(values[points + $0]) }
    }
    let share = Double(inside) / 720
    #expect(share > 0.72 && share < 0.97, "covered \(share)")
  }

  @Test("Lines, growth and noise of 1 to 12 points are finite and of the asked shape, alone and 64 together")
  func shapes() throws {
    for count in 1...12 {
      let line = (0..<count).map { 10 + 2 * Double($0) }
      let channels = (0..<64).map { channel in line.map { $0 * Double(channel) - 100 } }
      let settings = try ForecastSettings.of(names: (0..<64).map { "n\($0)" }, patchLength: 4, horizonPatches: 2)
      for trajectory in try Forecaster.forecast(channels, settings, count: 3).trajectories {
        #expect(trajectory.values.count == 512 && trajectory.values.allSatisfy(\.isFinite) && trajectory.loss.isFinite)
      }
      for usesDiffs in [false, true] {
        let forecast = try forecast(line, usesDiffs: usesDiffs)
        #expect(forecast.trajectories.allSatisfy { $0.values.allSatisfy(\.isFinite) })
      }
    }
  }
}
