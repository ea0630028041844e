import Forecasting
import Testing

@Suite("Units") struct ScaleTests {
  static let wave = zip(TestSeries.daily(512), TestSeries.bell(512)).map { max($0 - 40 + 0.5 * $1, 0) }

  @Test(
    "A history in other units is forecast in those units",
    arguments: [1e-13, 1e300, 1e-300, 1e-306, 3.7, -1, 0x1p-1000, 0x1p900])
  func scale(factor: Double) throws {
    for values in [Self.wave, TestSeries.growing(200), TestSeries.walk(60), TestSeries.counts(200), [1, 2, 4, 3, 5]] {
      // Mirrored values have no roots or logarithms.
      let values = factor < 0 ? values.map { $0 - 1_000 } : values
      guard factor > 0 || values.count > 5 else { continue }
      for usesDiffs in [false, true] where factor > 0 || !usesDiffs {
        let settings = try ForecastSettings.of(usesDiffs: usesDiffs)
        let plain = try Forecaster.forecast([values], settings)
        let scaled = try Forecaster.forecast([values.map { $0 * abs(factor) }], settings)
        let size = plain.trajectories.flatMap { $0.values }.reduce(0) { max($0, abs($1)) }
        for (left, right) in zip(plain.trajectories, scaled.trajectories) {
          #expect(zip(left.values, right.values).allSatisfy { abs($1 / abs(factor) - $0) <= 1e-6 * size })
          #expect(abs(left.loss - right.loss) < 1e-6)
        }
      }
    }
  }

  @Test("A power of two changes nothing but the exponent, to the last bit")
  func powers() throws {
    for values in [Self.wave, TestSeries.growing(200), TestSeries.signed(50)] {
      let plain = try Forecaster.forecast([values], try .of())
      for exponent in [-900, -1, 1, 900] {
        let factor = Double(sign: .plus, exponent: exponent, significand: 1)
        let scaled = try Forecaster.forecast([values.map { $0 * factor }], try .of())
        #expect(
          zip(plain.trajectories, scaled.trajectories).allSatisfy { left, right in
            zip(left.values, right.values).allSatisfy { $0 * factor == $1 }
          })
      }
    }
  }

  @Test(
    "A history moved up or down is forecast as far up or down, where only levels fit",
    arguments: [-1e9, -1e4, 1e4, 1e9])
  func shift(offset: Double) throws {
    // Below 0, or with a ratio of hardly 1, there are no logarithms.
    let values = TestSeries.daily(512).map { $0 - 500 }
    let plain = try Forecaster.forecast([values], try .of())
    let shifted = try Forecaster.forecast([values.map { $0 + offset }], try .of())
    for (left, right) in zip(plain.trajectories, shifted.trajectories) {
      #expect(zip(left.values, right.values).allSatisfy { abs($1 - offset - $0) < 1e-9 * abs(offset) + 1e-6 })
    }
  }

  @Test("A wave of 5 about 1e13 is followed, in a band of its own size")
  func farOffset() throws {
    let wave = TestSeries.daily(576).enumerated().map { ($1 - 50) / 2 - 2 * TestSeries.noise(576)[$0] }
    let forecast = try Forecaster.forecast([wave.prefix(512).map { $0 + 1e13 }], try .of(), count: 200)
    for step in 0..<64 {
      #expect(abs(forecast.quantile(0.5, step: step) - 1e13 - wave[512 + step]) < 1)
    }
    #expect(forecast.width < 2)
  }

  @Test("A calm history and the same one with one wild outlier are forecast alike")
  func outlier() throws {
    let values = TestSeries.bell(512).map { 10 + $0 }
    let spiked = values.enumerated().map { $0 % 97 == 5 ? 500 : $1 }
    let (calm, wild) = (
      try Forecaster.forecast([values], try .of(), count: 100), try Forecaster.forecast([spiked], try .of(), count: 100)
    )
    #expect(abs(wild.quantile(0.5, step: 10) - calm.quantile(0.5, step: 10)) < 3)
    #expect(wild.width < 4 * calm.width)
  }
}
