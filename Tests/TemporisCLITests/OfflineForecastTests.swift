import ArgumentParser
import ForecastChart
import Forecasting
import Foundation
import TemporisCLI
import TestSupport
import Testing

@Suite("Forecasting a file")
struct OfflineForecastTests {
  /// The instant of an hour.
  static func instant(_ hour: Int) -> Int64 { 1_764_000_000 + Int64(hour) * 3_600 }

  /// Hourly rows, without those of some hours.
  static func rows(_ name: String, count: Int, without gap: Range<Int> = 0..<0) -> SeriesRows {
    let hours = (0..<count).filter { !gap.contains($0) }
    return SeriesRows(
      name: name, timestamps: hours.map(instant),
      values: hours.map { 100 + 10 * Double($0 % 24) })
  }

  private func forecast(_ rows: [SeriesRows], _ flags: String...) throws -> [SeriesForecast] {
    let options = try SeriesFileOptions.parse(["--interval", "3600"] + flags)
    let forecaster = try OfflineForecaster(settings: options.settings(rows), sampling: .init(count: 20))
    return try forecaster.forecast(rows).series
  }

  @Test("Three points are forecast, and two are too few")
  func fewPoints() throws {
    let forecast = try #require(forecast([Self.rows("a", count: 3)]).first)
    #expect(forecast.timestamps.count == 12 && forecast.paths.count == 20)
    #expect(forecast.paths.allSatisfy { $0.count == 12 && $0.allSatisfy(\.isFinite) })
    #expect(forecast.timestamps.first == forecast.predictFrom + 3_600)
    let error = try #require(throws: TemporisCLI.CommandFailure.self) { try self.forecast([Self.rows("a", count: 2)]) }
    #expect(error.lines.first?.hasPrefix("2 points on the grid, where a forecast needs 3") == true)
  }

  @Test("A profile's settings are those of the flags")
  func settings() throws {
    let flags = ["--interval", "3600", "--patch-len", "8", "--horizon-patches", "2", "--min-patches", "3"]
    let settings = try SeriesFileOptions.parse(flags).settings([Self.rows("a", count: 100)])
    #expect(settings.horizon == 16 && settings.minimumContextLength == 24 && settings.contextLength == 256)
    let plain = try SeriesFileOptions.parse(["--interval", "3600"]).settings([Self.rows("a", count: 100)])
    #expect(plain.horizon == 64 && plain.minimumContextLength == 16)
    #expect(throws: (any Error).self) { try forecast([Self.rows("a", count: 100)], "--patch-len", "257") }
    #expect(throws: (any Error).self) { try forecast([Self.rows("a", count: 20)], "--min-patches", "4") }
  }

  @Test("Series are forecast jointly, each with its own history, in which a long gap is one")
  func several() throws {
    let forecasts = try forecast([Self.rows("a", count: 200), Self.rows("b", count: 200, without: 150..<160)])
    #expect(forecasts.map(\.name) == ["a", "b"])
    #expect(forecasts[0].timestamps == forecasts[1].timestamps && forecasts[0].timestamps.count == 64)
    #expect(forecasts[0].history.count == 1 && forecasts[1].history.count == 2)
    #expect(forecasts[1].history.last?.first?.timestamp == Self.instant(160))
    #expect(forecasts.allSatisfy { $0.history.last?.last?.timestamp == Self.instant(199) })
  }

  @Test("The same seed draws the same trajectories")
  func deterministic() throws {
    let rows = [Self.rows("a", count: 60)]
    #expect(try forecast(rows).map(\.paths) == forecast(rows).map(\.paths))
  }

  @Test("A forecast of more values than memory should hold is refused")
  func bounded() throws {
    let rows = (0..<64).map { Self.rows("s\($0)", count: 300) }
    let flags = ["--interval", "3600", "--patch-len", "256", "--horizon-patches", "8"]
    let settings = try SeriesFileOptions.parse(flags).settings(rows)
    #expect(throws: (any Error).self) { try OfflineForecaster(settings: settings, sampling: .init(count: 1_000)) }
  }

  @Test("It is printed as a table, as CSV and as JSON with the same quantiles")
  func report() throws {
    let forecast = SeriesForecast(
      name: "a \"b\", c", predictFrom: 0, timestamps: [60, 120], paths: [[1, 10], [2, 20], [3, -30]], history: [])
    let levels = try #require(QuantileLevels(argument: "0.5,0,1"))
    let report = ForecastReport([forecast], levels: levels)
    #expect(
      report.csv == [
        "timestamp,name,p0,p50,p100", "1970-01-01T00:01:00Z,\"a \"\"b\"\", c\",1.0,2.0,3.0",
        "1970-01-01T00:02:00Z,\"a \"\"b\"\", c\",-30.0,10.0,20.0",
      ])
    #expect(
      report.table(forecast).lines == [
        "TIME                     P0   P50  P100", "1970-01-01T00:01:00Z    1.0   2.0   3.0",
        "1970-01-01T00:02:00Z  -30.0  10.0  20.0",
      ])
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let json = String(decoding: try encoder.encode(report), as: UTF8.self)
    #expect(json.hasPrefix(#"{"predict_from":0,"series":[{"name":"a \"b\", c","steps":[{"quantiles":{"p0":1,"#))
  }

  @Test("A chart file is well-formed XML, whatever the series are called", arguments: ["a", "<b>&\"'", "]]>\u{FFFE}😀"])
  func plot(name: String) throws {
    let forecasts = try forecast([Self.rows(name, count: 60), Self.rows("other", count: 60)])
    let reader = XMLReader(ForecastPlot.file(title: name, forecasts).text)
    #expect(reader.isWellFormed)
    #expect(reader.attributes["d"]?.allSatisfy { !$0.contains("nan") && !$0.contains("inf") } == true)
    let ids = reader.attributes["id", default: []]
    #expect(ids.count == 4 && Set(ids).count == 4)
    #expect(reader.text.contains("Forecast of ") && !reader.text.contains("\u{FFFE}"))
  }
}
