import ArgumentParser
import ForecastChart
import Foundation
import TemporisCLI
import TestSupport
import Testing

@Suite("Backtests")
struct BacktestTests {
  private func isClose(_ left: Double?, _ right: Double) -> Bool {
    left.map { abs($0 - right) < 1e-12 } == true
  }

  @Test("A step is scored as it is by hand")
  func score() {
    var score = ForecastScore()
    #expect(score.crps == nil && score.mase == nil && score.coverage == nil)
    let quantiles = (1...9).map(Double.init)
    // The pinball losses of 5 are .4 .6 .6 .4 0 .4 .6 .6 .4.
    score.add(actual: 5, quantiles: quantiles, scale: 2)
    #expect(isClose(score.crps, 4.0 / 9) && isClose(score.mase, 0) && isClose(score.coverage, 1))
    // Those of 11 are the sum of k/10 x (11 - k), 21.
    var other = ForecastScore()
    other.add(actual: 11, quantiles: quantiles, scale: 2)
    #expect(isClose(other.crps, 21.0 / 9) && isClose(other.mase, 3) && isClose(other.coverage, 0))
    score.add(other)
    #expect(score.count == 2)
    #expect(isClose(score.crps, 25.0 / 18) && isClose(score.mase, 1.5) && isClose(score.coverage, 0.5))
  }

  @Test("The seasonal naive forecast repeats the last season, with errors that grow from season to season")
  func seasonalNaive() {
    let naive = SeasonalNaive([1, 2, 1, 2, 1, 4], season: 2)
    #expect(naive.season == 2 && isClose(naive.scale ?? 0, 0.5))
    let quantiles = (0..<3).map { naive.quantiles(step: $0) }
    #expect(quantiles.map { $0[4] } == [1, 4, 1])
    #expect(isClose(quantiles[0][8], 1 + 1.2815515655446004))
    #expect(isClose(quantiles[2][0], 1 - 1.2815515655446004 * 2.0.squareRoot()))
  }

  @Test("A history too short for its season is repeated value by value, and one without a change has a scale, too")
  func shortHistories() {
    let short = SeasonalNaive([1, 2, 3], season: 2)
    #expect(short.season == 1 && short.scale == 1 && short.quantiles(step: 7)[4] == 3)
    #expect(SeasonalNaive([5, 5, 5], season: 1).scale == nil)
    #expect(SeasonalNaive([5], season: 24).quantiles(step: 0) == Array(repeating: 5, count: 9))
  }

  @Test(
    "Origins are a horizon apart where there is room, in the later half, and none has its horizon beyond the end",
    arguments: [
      (100, 10, 10, 3, [69, 79, 89]), (20, 10, 10, 8, [9]), (19, 10, 10, 8, []), (100, 3, 10, 1, [89]),
      (30, 3, 4, 100, Array(12...25)), (41, 3, 20, 3, [10, 15, 20]), (0, 3, 4, 8, []),
    ] as [(Int, Int, Int, Int, [Int])])
  func origins(points: Int, needed: Int, horizon: Int, most: Int, places: [Int]) {
    #expect(RollingOrigins.places(points: points, needed: needed, horizon: horizon, most: most) == places)
  }

  @Test(
    "A horizon is scored in parts that double",
    arguments: [
      (1, [1...1]), (3, [1...1, 2...3]), (20, [1...1, 2...4, 5...8, 9...16, 17...20]),
      (64, [1...1, 2...4, 5...8, 9...16, 17...32, 33...64]),
    ] as [(Int, [ClosedRange<Int>])])
  func parts(horizon: Int, parts: [ClosedRange<Int>]) {
    #expect(RollingOrigins.parts(horizon: horizon) == parts)
  }

  /// Hourly rows of a daily course that rises by 12 a day.
  private static let rising = SeriesRows(
    name: "orders", timestamps: (0..<400).map(OfflineForecastTests.instant),
    values: (0..<400).map { 10 * Double($0 % 24) + 0.5 * Double($0) })

  private func backtest(_ rows: [SeriesRows], origins: Int = 4, season: Int? = nil) throws -> BacktestResult {
    let settings = try SeriesFileOptions.parse(["--interval", "3600"]).settings(rows)
    let forecaster = try OfflineForecaster(settings: settings, sampling: .init(count: 50))
    return try Backtest(rows, forecaster: forecaster, season: season).run(origins: origins)
  }

  @Test("On a daily course that rises evenly the naive scores are those reckoned by hand, and the engine's are better")
  func knownSeries() throws {
    let result = try backtest([Self.rising])
    #expect(result.seasons == [24] && result.origins.count == 4)
    #expect(result.origins.last == OfflineForecastTests.instant(399 - 64))
    #expect(result.parts.map(\.label) == ["1", "2-4", "5-8", "9-16", "17-32", "33-64"])
    // Every season adds 12, which is the scale: errors are 1, 2 and 3, and the band reaches 1.28 and 1.81.
    let first = try #require(result.parts.first)
    let last = try #require(result.parts.last)
    #expect(first.naive.count == 4 && last.naive.count == 128)
    #expect(isClose(first.naive.mase, 1) && isClose(first.naive.coverage, 1))
    #expect(isClose(last.naive.mase, 2.5) && isClose(last.naive.coverage, 0))
    #expect(try #require(result.relativeCRPS) < 1)
  }

  @Test("A season that is given is the one that is repeated")
  func givenSeason() throws {
    let result = try backtest([Self.rising], origins: 1, season: 1)
    #expect(result.seasons == [1] && result.origins.count == 1)
  }

  @Test("Steps at which nothing was observed are not scored")
  func gaps() throws {
    let rows = OfflineForecastTests.rows("a", count: 300, without: 280..<290)
    let result = try backtest([rows], origins: 1)
    #expect(result.all.engine.count == 54)
    #expect(result.examples.first?.actual.count { $0 == nil } == 10)
  }

  @Test("Too few rows are told in numbers")
  func tooFew() throws {
    let error = try #require(throws: (any Error).self) {
      try backtest([OfflineForecastTests.rows("a", count: 70)])
    }
    #expect("\(error)".contains("70 points that all series share, where a backtest needs 16 before a horizon of 64"))
  }

  @Test("Values at both ends of the range of a double have finite scores")
  func extremes() throws {
    let rows = SeriesRows(
      name: "a", timestamps: (0..<200).map { Int64($0) * 3_600 },
      values: (0..<200).map { $0.isMultiple(of: 5) ? 1.7e308 : -1.7e308 })
    let result = try backtest([rows], origins: 2)
    #expect(result.all.engine.crps?.isFinite == true && result.all.naive.mase?.isFinite == true)
    _ = try JSONEncoder().encode(BacktestReport(result))
  }

  @Test("It is printed with a line for each part and the whole, and drawn as well-formed XML")
  func printed() throws {
    let result = try backtest([Self.rising, OfflineForecastTests.rows("<b>", count: 400)], origins: 2)
    let lines = BacktestReport(result).table.lines
    #expect(lines.count == 8 && lines.last?.hasPrefix("all") == true)
    #expect(BacktestReport(result).summary.first?.hasPrefix("2 origins, from 20") == true)
    let reader = XMLReader(BacktestPlot.file(title: "visits.csv", result).text)
    #expect(reader.isWellFormed && reader.text.contains("<b>, from the last origin"))
    let json = String(decoding: try JSONEncoder().encode(BacktestReport(result)), as: UTF8.self)
    #expect(json.contains("relativeCrps") && !json.lowercased().contains("nan"))
  }
}
