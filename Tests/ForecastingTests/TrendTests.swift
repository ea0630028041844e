import Forecasting
import Glibc
import Testing

@Suite("Trends") struct TrendTests {
  @Test("A line goes on, up or down", arguments: [1.0, -3])
  func line(slope: Double) throws {
    let forecast = try Forecaster.forecast([(0..<512).map { 7 + slope * Double($0) }], try .of(), count: 200)
    for step in [0, 31, 63] {
      let truth = 7 + slope * Double(512 + step)
      #expect(abs(forecast.quantile(0.5, step: step) - truth) < 0.02 * abs(truth))
    }
  }

  @Test("Growth by a rate goes on at that rate, asked for or not", arguments: [false, true])
  func growth(usesDiffs: Bool) throws {
    let values = (0..<576).map { pow(1.02, Double($0)) }
    let forecast = try Forecaster.forecast(
      [Array(values.prefix(512))], try .of(usesDiffs: usesDiffs), count: 200)
    #expect(abs(forecast.quantile(0.5, step: 63) / values[575] - 1) < 0.15)
  }

  @Test("Noisy growth goes on within its band")
  func noisyGrowth() throws {
    let noise = TestSeries.bell(576)
    let values = (0..<576).map { 1.01 * exp(0.01 * Double($0) + 0.05 * noise[$0]) }
    let forecast = try Forecaster.forecast([Array(values.prefix(512))], try .of(), count: 200)
    let inside = (0..<64).count { forecast.band(step: $0).contains(values[512 + $0]) }
    #expect(inside > 32)
    #expect(abs(forecast.quantile(0.5, step: 63) / exp(5.75) - 1) < 0.25)
  }

  @Test("Growth of both signs goes on as well")
  func bothSigns() throws {
    let forecast = try Forecaster.forecast(
      [(0..<512).map { Double($0) - 100 }], try .of(usesDiffs: true), count: 200)
    #expect(abs(forecast.quantile(0.5, step: 63) - 475) < 80)
  }
}
