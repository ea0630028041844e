import Forecasting
import PredictServer
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import TestSupport
import Testing

/// The history that a forecast continues, as the dashboard shows it.
@Suite("Profile contexts") struct ProfileContextTests {
  /// Hourly rows with a gap that is filled and one that is too long.
  private static func gappedRows(_ name: String, count: Int = 200) -> [Temporis_Predict_V1_Record] {
    [Temporis_Predict_V1_Record].hourly(name, count: count).enumerated()
      .filter { hour, _ in hour != count - 5 && !(count - 30..<count - 20).contains(hour) }.map(\.element)
  }

  struct Recipe: Sendable, CustomTestStringConvertible {
    var names = ["orders"]
    var spacing: Int32 = 1
    var window: Temporis_Predict_V1_ExcludeWindow?
    /// Rows for each grid point: with many, the database makes the means.
    var rowsOfPoint: Int64 = 1

    var testDescription: String {
      "\(names.count) series, spacing \(spacing), \(window == nil ? "no" : "a") window, \(rowsOfPoint) rows a point"
    }

    static let night = Temporis_Predict_V1_ExcludeWindow.with {
      $0.timeZone = "Europe/Berlin"
      $0.startMinute = 1_320
      $0.stopMinute = 360
    }
  }

  @Test(
    "The values are exactly those that the engine reads for a prediction",
    arguments: [
      Recipe(), Recipe(spacing: 3), Recipe(names: ["orders", "visits"]), Recipe(window: Recipe.night),
      Recipe(rowsOfPoint: 30), Recipe(names: ["orders", "visits"], window: Recipe.night, rowsOfPoint: 30),
    ])
  func values(recipe: Recipe) async throws {
    let engine = ProbeEngine(.draw)
    let account = try await PredictStack.make(engine: engine).account()
    try await account.createSource()
    for name in recipe.names {
      let rows = Self.gappedRows(name).flatMap { row in
        (0..<recipe.rowsOfPoint).map {
          Temporis_Predict_V1_Record.of(name, row.timestamp - $0 * 40, row.value + Double($0))
        }
      }
      try await account.ingest(rows)
    }
    let profile = try await account.createProfile {
      $0.names = recipe.names
      $0.patchLen = 8
      $0.numPatches = 16
      $0.minPatches = 1
      $0.patchSpacing = .init(recipe.spacing)
      if let window = recipe.window { $0.excludeWindow = window }
    }
    try await account.setCard()
    let answer = try await account.context()
    let header = try await account.predict(count: 1)[0].header
    let window = try recipe.window.map {
      try ExcludeWindow(timeZone: $0.timeZone, startMinute: Int($0.startMinute), stopMinute: Int($0.stopMinute))
    }
    let settings = try ForecastSettings(
      names: recipe.names, interval: 3_600, patchLength: 8, patchSpacing: Int(recipe.spacing), numPatches: 16,
      minPatches: 1, excludeWindow: window)
    let context = try ForecastContext(rows: engine.rows, settings: settings)
    #expect(answer.series.map(\.values) == context.channels && answer.series.map(\.name) == recipe.names)
    #expect(answer.timestamps.count == context.channels[0].count)
    #expect(answer.timestamps.last == header.predictFrom && answer.stepSeconds == profile.forecast.stepSeconds)
    #expect(answer.contextPoints == Int64(context.channels[0].count) && answer.contextLimit == 128)
    #expect(answer.servingPoints == profile.forecast.servingPoints && answer.sufficient)
    #expect((answer.maskedPoints > 0) == (recipe.window != nil))
    #expect(answer.maskedSpans.isEmpty == (recipe.window == nil))
    #expect(answer.series.allSatisfy { $0.filledPoints == Int64($0.filled.count) })
  }

  @Test("It says what was filled and what was dropped, and costs nothing, with no card on file")
  func counts() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    try await account.ingest(Self.gappedRows("orders"))
    try await account.createProfile()
    let answer = try await account.context()
    #expect(answer.contextPoints == 190 && answer.gapPoints == 10 && answer.unjoinedPoints == 0)
    let series = try #require(answer.series.first)
    #expect(series.filledPoints == 1 && series.missingPoints == 10)
    #expect(series.filled == [185])
    #expect(answer.anchor == 1_760_000_400 + 199 * 3_600 && answer.sufficient)
    #expect(try await account.billedCount() == 0)
  }

  @Test("A profile that is not ready has one too, and an empty source has an empty one")
  func unready() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    try await account.createProfile()
    let empty = try await account.context()
    #expect(empty.anchor == 0 && empty.timestamps.isEmpty && empty.contextPoints == 0 && !empty.sufficient)
    #expect(empty.series.map(\.name) == ["orders"] && empty.servingPoints == 64)
    try await account.ingest(.hourly("orders", count: 10))
    let some = try await account.context()
    #expect(some.contextPoints == 10 && !some.sufficient)
    #expect(try await !account.profile().ready)
  }

  @Test("The newest points are answered, as many as are asked for; no answer holds more than 65,536 values")
  func limits() async throws {
    let account = try await PredictStack.make().account()
    try await account.furnish(hours: 1_200)
    try await account.updateProfile(mask: ["num_patches", "patch_len"]) {
      $0.patchLen = 256
      $0.numPatches = 512
    }
    let all = try await account.context(limit: .max)
    #expect(all.timestamps.count == 1_200 && all.contextLimit == 131_072)
    #expect(try await account.context().timestamps == Array(all.timestamps.suffix(1_024)))
    let few = try await account.context(limit: 5)
    #expect(few.timestamps == Array(all.timestamps.suffix(5)))
    #expect(few.series[0].values == Array(all.series[0].values.suffix(5)))
    #expect(few.contextPoints == 1_200)
    await expectRefusal(.invalidArgument, saying: "point_limit") { try await account.context(limit: -1) }
    let names = (0..<64).map { "s\($0)" }
    for name in names { try await account.ingest(.hourly(name, count: 1_100)) }
    try await account.createProfile("wide") {
      $0.names = names
      $0.numPatches = 512
    }
    let wide = try await account.context("wide", limit: .max)
    #expect(wide.timestamps.count == 1_024 && wide.contextPoints == 1_100)
    let bytes: [UInt8] = try wide.serializedBytes()
    #expect(bytes.count < 1 << 20)
  }

  @Test("Calls take turns at the engine with predictions, and too many are refused")
  func turns() async throws {
    let engine = ProbeEngine(.wait)
    let account = try await PredictStack.make(engine: engine) {
      $0.engineConcurrency = 1
      $0.engineQueue = 0
    }.account()
    try await account.furnish()
    let prediction = Task { try await account.predict(count: 1) }
    try await eventually { engine.calls == 1 }
    await expectRefusal(.engineBusy) { try await account.context() }
    engine.release()
    _ = try await prediction.value
    #expect(try await account.context().contextPoints == 200)
  }

  @Test("None is found of a profile that the account does not have, of a public name, and of no name")
  func unknown() async throws {
    let account = try await PredictStack.make().account()
    for name in ["hourly", "temporis/hourly", "", "No Name", "no\0name"] {
      await expectRefusal(.dataProfileNotFound) { try await account.context(name) }
    }
  }
}
