import Forecasting
import PredictServer
import SwiftProtobuf
import TemporisAPI
import Testing

/// What predictions read of series with many more rows than grid points: the database makes the means.
@Suite("History") struct HistoryTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var interval: Int64
    var spacing = 1
    var fill = 2
    var window: String?
    var names = ["a"]
    /// The seconds from one row to the next.
    var rowStep: Int64
    var rowCount: Int
    /// The newest row; others end earlier.
    var end: Int64 = 1_760_000_437

    var testDescription: String {
      "interval \(interval), spacing \(spacing), fill \(fill), window \(window ?? "none"), \(names.count) series"
    }

    var settings: ForecastSettings {
      get throws {
        try ForecastSettings(
          names: names, interval: interval, patchLength: 8, patchSpacing: spacing, numPatches: 8, minPatches: 1,
          fillLimit: fill, excludeWindow: try window.map { try ExcludeWindow(parsing: $0) })
      }
    }
  }

  /// Rows with gaps of all lengths about the fill limit, of which some share a second hand with the grid's edges.
  private static func observations(_ test: Case) -> [Observations] {
    var state: UInt64 = 88_172_645_463_325_252
    func random(_ limit: UInt64) -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state % limit
    }
    return test.names.enumerated().map { number, _ in
      var (timestamps, values): ([Int64], [Double]) = ([], [])
      var timestamp = test.end - Int64(number) * test.interval
      while timestamps.count < test.rowCount {
        timestamps.append(timestamp)
        values.append(Double(random(2_000_000)) / 1_000 - 1_000)
        timestamp -= test.rowStep
        if random(1_000) == 0 { timestamp -= Int64(random(UInt64(test.fill) * 2 + 3)) * test.interval }
      }
      return Observations(timestamps: timestamps.reversed(), values: values.reversed())
    }
  }

  /// Has a profile on these rows predict, and returns what its engine was given.
  private static func read(_ test: Case, _ observations: [Observations]) async throws -> GridRows {
    let engine = ProbeEngine(.draw)
    let account = try await PredictStack.make(engine: engine).account()
    try await account.createSource()
    for (name, rows) in zip(test.names, observations) {
      try await account.ingest(zip(rows.timestamps, rows.values).map { .of(name, $0, $1) })
    }
    let settings = try test.settings
    let profile = try await account.createProfile {
      $0.names = settings.names
      $0.interval = settings.interval
      $0.patchLen = .init(Int32(settings.patchLength))
      $0.patchSpacing = .init(Int32(settings.patchSpacing))
      $0.numPatches = .init(Int32(settings.numPatches))
      $0.minPatches = .init(Int32(settings.minPatches))
      $0.fillLimit = .init(Int32(settings.fillLimit))
      if let window = settings.excludeWindow {
        $0.excludeWindow.timeZone = window.timeZone
        $0.excludeWindow.startMinute = Int32(window.startMinute)
        $0.excludeWindow.stopMinute = Int32(window.stopMinute)
      }
    }
    #expect(profile.ready)
    try await account.setCard()
    _ = try await account.predict(count: 1)
    return try #require(engine.rows)
  }

  @Test(
    "The means that the database makes are those of all rows, whatever the grid leaves out",
    arguments: [
      Case(interval: 60, rowStep: 1, rowCount: 5_000),
      Case(interval: 61, fill: 0, rowStep: 1, rowCount: 5_000),
      Case(interval: 4, spacing: 30, fill: 10, rowStep: 1, rowCount: 9_000),
      Case(interval: 7, spacing: 9, fill: 3, rowStep: 2, rowCount: 4_500),
      Case(interval: 7, spacing: 9, fill: 0, names: ["a", "b", "c"], rowStep: 2, rowCount: 4_500),
      Case(interval: 60, fill: 3, names: ["a", "b"], rowStep: 1, rowCount: 5_000),
      Case(interval: 900, window: "America/New_York 20:00-08:00", rowStep: 120, rowCount: 4_500),
      // The newest row is masked, and daylight saving ends in between.
      Case(
        interval: 900, window: "America/New_York 01:00-09:00", names: ["a", "b"], rowStep: 120, rowCount: 4_500,
        end: 1_762_149_000),
      Case(interval: 600, spacing: 2, fill: 9, window: "UTC 00:00-18:00", rowStep: 200, rowCount: 4_500),
      Case(interval: 3_601, fill: 1, window: "Asia/Kathmandu 09:00-10:00", rowStep: 200, rowCount: 4_500),
    ])
  func means(test: Case) async throws {
    let observations = Self.observations(test)
    let settings = try test.settings
    let rows = try await Self.read(test, observations)
    let expected = try ForecastContext(observations: observations, settings: settings)
    let context = try ForecastContext(rows: rows, settings: settings)
    #expect(context.predictFrom == expected.predictFrom)
    #expect(context.channels.map(\.count) == expected.channels.map(\.count))
    for (channel, wanted) in zip(context.channels, expected.channels) {
      for (value, want) in zip(channel, wanted) { #expect(abs(value - want) <= 1e-9) }
    }
    // What was read is bounded by the grid, and by little more where active times are counted in advance.
    let most = settings.contextLength * (test.window == nil ? 1 : 6) + settings.fillLimit + 3
    for buckets in rows.series { #expect(buckets.points.count <= most) }
  }

  @Test("The mean of a point stays finite where the sum of its rows does not")
  func hugeValues() async throws {
    let test = Case(interval: 60, rowStep: 1, rowCount: 3_000)
    let largest = Double.greatestFiniteMagnitude
    let values = (0..<3_000).map { [largest, 1.7e308, 1e290, -1.7e308, largest][$0 / 60 % 5] }
    let timestamps = (0..<3_000).map { test.end - 2_999 + Int64($0) }
    let rows = try await Self.read(test, [Observations(timestamps: timestamps, values: values)])
    let expected = try ForecastContext(
      observations: [Observations(timestamps: timestamps, values: values)], settings: test.settings)
    let context = try ForecastContext(rows: rows, settings: test.settings)
    #expect(context.channels[0].count == expected.channels[0].count)
    for (value, want) in zip(context.channels[0], expected.channels[0]) {
      #expect(value.isFinite && abs(value / want - 1) < 1e-12)
    }
  }

  @Test("A series with many rows takes nothing from one with few: a profile on both is ready and answered")
  func neighbours() async throws {
    let names = (0..<8).map { "s\($0)" }
    let test = Case(interval: 3_600, names: names, rowStep: 3_600, rowCount: 70)
    let end = test.end
    let observations = names.indices.map { number in
      let step: Int64 = number == 0 ? 20 : 3_600
      let timestamps = (0..<70 * 3_600 / step).map { end - $0 * step }.reversed()
      return Observations(timestamps: Array(timestamps), values: timestamps.map { Double($0 % 977) })
    }
    let rows = try await Self.read(test, observations)
    let settings = try test.settings
    let context = try ForecastContext(rows: rows, settings: settings)
    #expect(context.channels.map(\.count) == Array(repeating: settings.contextLength, count: 8))
  }
}
