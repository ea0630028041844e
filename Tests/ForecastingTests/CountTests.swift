import Forecasting
import Glibc
import Testing

/// Channels that are 0 for a good part of the time.
@Suite("Counts") struct CountTests {
  private func shares(_ forecast: Forecast, where isWanted: (Int) -> Bool) -> (zeros: Double, mean: Double) {
    let steps = forecast.timestamps.indices.filter(isWanted)
    let drawn = steps.flatMap { step in forecast.drawn(step: step) }
    return (
      Double(drawn.count { $0 == 0 }) / Double(drawn.count), drawn.reduce(0, +) / Double(drawn.count)
    )
  }

  @Test("The sun stays down at night and shines at noon, whatever the weather", arguments: [false, true])
  func solar(cloudy: Bool) throws {
    let values = TestSeries.solar(1_504, cloudy: cloudy)
    let forecast = try Forecaster.forecast(
      [Array(values.prefix(1_440))], try .of(numPatches: 128, horizonPatches: 4), count: 100)
    let full = TestSeries.solar(1_504, cloudy: false)
    #expect(shares(forecast) { full[1_440 + $0] == 0 }.zeros > 0.97)
    #expect(shares(forecast) { full[1_440 + $0] > 90 }.zeros < 0.03)
    guard !cloudy else { return }
    let error = (0..<64).reduce(0) { sum, step in sum + abs(shares(forecast) { $0 == step }.mean - full[1_440 + step]) }
    #expect(error / 64 < 3)
  }

  @Test("Nights of all lengths stay dark", arguments: [8, 10, 12, 16, 20, 23])
  func nights(length: Int) throws {
    let noise = TestSeries.noise(576, seed: 5)
    let values = (0..<576).map { time in
      time % 24 < length ? 0 : (20 * (1 + noise[time])).rounded()
    }
    let forecast = try Forecaster.forecast([Array(values.prefix(512))], try .of(), count: 100)
    // The shorter the nights, the more the path counts beside what each hour has been.
    #expect(shares(forecast) { (512 + $0) % 24 < length }.zeros > (length < 12 ? 0.9 : 0.95))
    let day = shares(forecast) { (512 + $0) % 24 >= length }
    #expect(day.zeros < 0.03 && abs(day.mean - 20) < 4)
  }

  @Test("A shop that is closed at night sells nothing then, and as much as ever by day")
  func shop() throws {
    let noise = TestSeries.noise(1_440, seed: 9)
    let values = (0..<1_440).map { time in
      (8..<20).contains(time % 24) ? ((0.5 + noise[time]) * 10).rounded() : 0
    }
    let forecast = try Forecaster.forecast([values], try .of(numPatches: 128, horizonPatches: 4), count: 100)
    #expect(shares(forecast) { !(8..<20).contains((1_440 + $0) % 24) }.zeros > 0.97)
    #expect(abs(shares(forecast) { (8..<20).contains((1_440 + $0) % 24) }.mean - 5) < 0.7)
  }

  @Test("Draws of one trajectory hang together: its sum spreads wider than that of independent ones")
  func serial() throws {
    // A level that wanders slowly between few counts and many.
    let noise = TestSeries.noise(400)
    var level = 0.0
    let values = (0..<400).map { time in
      level = 0.97 * level + noise[time]
      return max(0, (2 * level + 3 * noise[(time * 7) % 400]).rounded())
    }
    let trajectories = try Forecaster.forecast([values], try .of(), count: 400).trajectories
    func variance(_ values: [Double]) -> Double {
      let mean = values.reduce(0, +) / Double(values.count)
      return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    }
    let single = (0..<64).reduce(0) { sum, step in sum + variance(trajectories.map { $0.values[step] }) }
    #expect(variance(trajectories.map { $0.values.reduce(0, +) }) > 1.5 * single)
  }
}
