import Forecasting
import Testing

/// What a preview says of a context, held against the context itself.
@Suite("Context preview") struct ContextPreviewTests {
  private static let noon = GridTests.noon

  private static func preview(
    _ observations: [Observations], _ settings: ForecastSettings, limit: Int = .max
  ) -> ContextPreview {
    ContextPreview(rows: GridRows(observations, settings: settings), settings: settings, limit: limit)
  }

  @Test("A value that was carried forward is marked, and a longer run is a gap of that many points")
  func filling() throws {
    let rows = stamps([0, 1, 3, 7].map { Self.noon - 7 * 3_600 + $0 * 3_600 })
    let settings = try ForecastSettings.of(patchLength: 1, numPatches: 8, fillLimit: 1)
    let preview = Self.preview([rows], settings)
    let expected = [0, 1, 2, 3, 7].map { Self.noon - 7 * 3_600 + $0 * 3_600 }
    #expect(preview.timestamps == expected && preview.anchor == Self.noon && preview.pointCount == 5)
    #expect(preview.series[0].filled == [2] && preview.series[0].filledCount == 1)
    #expect(preview.series[0].values == [0, 1, 1, 3, 7].map { Double(Self.noon - 7 * 3_600 + $0 * 3_600) })
    #expect(preview.losses.gaps == 3 && preview.losses.missing == [3])
    #expect(preview.losses.masked == 0 && preview.losses.unjoined == 0 && preview.maskedSpans.isEmpty)
  }

  @Test("Points that some series lack are lost by the join, newer and older ones than the context's among them")
  func join() throws {
    let settings = try ForecastSettings.of(names: ["a", "b"], patchLength: 1, numPatches: 24, fillLimit: 0)
    let first = stamps(GridTests.hours(12))
    let second = stamps(GridTests.hours(6, until: Self.noon - 2 * 3_600).filter { $0 != Self.noon - 4 * 3_600 })
    let preview = Self.preview([first, second], settings)
    #expect(preview.anchor == Self.noon && preview.timestamps.last == Self.noon - 2 * 3_600)
    // The newest two, the one that the second lacks, and the four before it begins.
    #expect(preview.pointCount == 5 && preview.losses.unjoined == 7 && preview.losses.gaps == 0)
    #expect(preview.losses.missing == [0, 7])
  }

  @Test("Masked points are counted, and the stretches that hold them are told, one for each night")
  func masked() throws {
    let settings = try ForecastSettings.of(
      patchLength: 4, numPatches: 12, window: "America/New_York 20:00-08:00")
    let preview = Self.preview([stamps(GridTests.hours(100))], settings)
    let (oldest, newest) = (try #require(preview.timestamps.first), try #require(preview.anchor))
    #expect(preview.pointCount == 48 && preview.losses.gaps == 0)
    #expect(preview.losses.masked == (newest - oldest) / 3_600 + 1 - 48)
    #expect(preview.maskedSpans.map(\.count) == Array(repeating: 12 * 3_600, count: 3))
    let isMasked = { (instant: Int64) in preview.maskedSpans.contains { $0.contains(instant) } }
    #expect(!preview.timestamps.contains(where: isMasked))
    let all = stride(from: oldest, through: newest, by: 3_600)
    #expect(all.count(where: isMasked) == Int(preview.losses.masked))
  }

  @Test("Nothing at all is a preview of no points, and so are rows that the window hides")
  func empty() throws {
    let settings = try ForecastSettings.of(names: ["a", "b"], window: "UTC 00:00-23:59")
    for rows in [stamps([]), stamps([Self.noon])] {
      let preview = Self.preview([rows, stamps([])], settings)
      #expect(preview.anchor == nil && preview.pointCount == 0 && preview.timestamps.isEmpty)
      #expect(preview.series.map(\.values) == [[], []] && preview.losses.missing == [0, 0])
    }
    // One series alone: nothing is joined, and everything is lost.
    let lonely = Self.preview(
      [stamps(GridTests.hours(5)), stamps([])], try ForecastSettings.of(names: ["a", "b"]))
    #expect(lonely.anchor == Self.noon && lonely.pointCount == 0 && lonely.losses.unjoined == 5)
  }

  @Test("A limit keeps the newest points; the counts are of all")
  func limit() throws {
    let settings = try ForecastSettings.of(patchLength: 10, numPatches: 10, fillLimit: 3)
    let rows = stamps(GridTests.hours(100).filter { $0 / 3_600 % 4 != 0 })
    let whole = Self.preview([rows], settings)
    for limit in [0, 1, 7, 100, 1_000] {
      let part = Self.preview([rows], settings, limit: limit)
      #expect(part.timestamps == Array(whole.timestamps.suffix(limit)))
      #expect(part.series[0].values == Array(whole.series[0].values.suffix(limit)))
      let hidden = whole.timestamps.count - part.timestamps.count
      #expect(part.series[0].filled == whole.series[0].filled.filter { $0 >= hidden }.map { $0 - hidden })
      #expect(part.pointCount == whole.pointCount && part.losses == whole.losses)
      #expect(part.series[0].filledCount == whole.series[0].filledCount)
    }
  }

  struct Recipe: Sendable, CustomTestStringConvertible {
    var interval: Int64 = 3_600
    var spacing = 1
    var fill = 2
    var window: String?
    var names = ["a"]

    var testDescription: String {
      "interval \(interval), spacing \(spacing), fill \(fill), window \(window ?? "none"), \(names.count) series"
    }
  }

  @Test(
    "The values are those of the context, and every point is accounted for once, whatever the rows are",
    arguments: [
      Recipe(), Recipe(fill: 0), Recipe(spacing: 3), Recipe(spacing: 5, fill: 7, names: ["a", "b"]),
      Recipe(names: ["a", "b", "c"]), Recipe(window: "America/New_York 20:00-08:00"),
      Recipe(interval: 900, spacing: 2, window: "Asia/Kathmandu 09:00-10:00", names: ["a", "b"]),
      Recipe(interval: 61, fill: 5, window: "UTC 03:00-09:00", names: ["a", "b"]), Recipe(interval: 86_400, fill: 0),
    ])
  func everyPoint(recipe: Recipe) throws {
    let settings = try ForecastSettings.of(
      names: recipe.names, interval: recipe.interval, patchLength: 1, patchSpacing: recipe.spacing, numPatches: 64,
      fillLimit: recipe.fill, window: recipe.window)
    for seed in UInt32(1)...20 {
      let observations = recipe.names.indices.map { Self.rows(recipe, seed: seed &* 97 &+ UInt32($0)) }
      let preview = Self.preview(observations, settings)
      let context = try? ForecastContext(observations: observations, settings: settings)
      #expect(preview.series.map(\.values) == context?.channels ?? recipe.names.map { _ in [] })
      #expect(preview.timestamps.last == context?.predictFrom)
      #expect(preview.timestamps.count == preview.pointCount)
      let anchor = try #require(preview.anchor)
      let steps = preview.timestamps.map { (anchor - $0) / settings.step }
      #expect(zip(preview.timestamps, steps).allSatisfy { anchor - $1 * settings.step == $0 })
      let losses = preview.losses
      let counted = Int64(preview.pointCount) + losses.masked + losses.gaps + losses.unjoined
      if preview.pointCount == settings.contextLength {
        #expect(counted == (steps.first ?? -1) + 1)
      } else {
        #expect(counted > steps.first ?? -1)
      }
      for missing in losses.missing { #expect(missing >= losses.gaps && missing <= losses.gaps + losses.unjoined) }
    }
  }

  /// Rows about a grid, with gaps of many lengths, some of them long.
  private static func rows(_ recipe: Recipe, seed: UInt32) -> Observations {
    let noise = TestSeries.noise(400, seed: seed)
    var timestamps: [Int64] = []
    var timestamp = noon
    for value in noise {
      timestamps.append(timestamp)
      let gap = value > 0.4 ? Int64((value - 0.4) * 100) : 0
      timestamp -= recipe.interval * (1 + gap) + Int64(value * Double(recipe.interval) / 4)
    }
    return Observations(timestamps: timestamps.reversed(), values: noise)
  }

  @Test("Sparse rows over all of time, on the finest grid, are neither materialised nor overflow")
  func hostile() throws {
    let rows = stamps((0...1_000).map { $0 * 1_800_000 })
    for window in [nil, "America/New_York 20:00-08:00", "UTC 00:00-23:59", "UTC 00:01-00:00"] {
      for (interval, spacing) in [(Int64(1), 1), (1, 1_000), (86_401, 1), (31_556_952, 1_000), (7, 3)] {
        let settings = try ForecastSettings.of(
          names: ["a", "b"], interval: interval, patchLength: 256, patchSpacing: spacing, numPatches: 512,
          fillLimit: 10_000, window: window)
        let preview = Self.preview([rows, rows], settings, limit: 100)
        #expect(preview.timestamps.count <= 100 && preview.pointCount <= 512 * 256)
        #expect(preview.maskedSpans.count <= ContextPreview.maskedSpanLimit)
        let losses = preview.losses
        #expect([losses.masked, losses.gaps, losses.unjoined].allSatisfy { $0 >= 0 })
      }
    }
  }
}
