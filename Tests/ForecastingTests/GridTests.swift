import Forecasting
import Testing

/// Values that are their own timestamps show which points a context holds.
func stamps(_ timestamps: [Int64]) -> Observations {
  Observations(timestamps: timestamps, values: timestamps.map(Double.init))
}

@Suite("Grid") struct GridTests {
  static let noon: Int64 = 1_800_014_400

  static func hours(_ count: Int, until last: Int64 = noon) -> [Int64] {
    (0..<count).map { last - Int64(count - 1 - $0) * 3_600 }
  }

  @Test("Rows go to the nearest grid point, of two the later, and share it by their mean")
  func buckets() throws {
    // Half past three is as near to three as to four; 10:58 and 11:03 are both near 11.
    let settings = try ForecastSettings.of(patchLength: 4, numPatches: 1)
    let rows = Observations(
      timestamps: [
        Self.noon - 3 * 3_600 + 1_800, Self.noon - 2 * 3_600 + 100, Self.noon - 3_600 - 120, Self.noon - 3_600 + 180,
        Self.noon,
      ], values: [5, 7, 10, 20, 1])
    // The first row rounds up into the second one's bucket.
    let context = try ForecastContext(
      observations: [rows], settings: try .of(patchLength: 3, numPatches: 1))
    #expect(context.channels == [[6, 15, 1]])
    #expect(context.predictFrom == Self.noon)
    #expect(throws: ForecastError.self) { try ForecastContext(observations: [rows], settings: settings) }
    let earlier = Observations(
      timestamps: [Self.noon - 3 * 3_600 + 1_799] + rows.timestamps.dropFirst(), values: [5, 7, 10, 20, 1])
    #expect(try ForecastContext(observations: [earlier], settings: settings).channels == [[5, 7, 15, 1]])
  }

  @Test("A run of empty buckets is filled forward up to the limit and dropped whole beyond it")
  func filling() throws {
    for (limit, expected) in [(3, [1, 2, 2, 2, 2, 3, 4]), (2, [1, 2, 3, 4]), (0, [1, 2, 3, 4])] {
      let rows = Observations(
        timestamps: [0, 3_600, 5 * 3_600, 6 * 3_600].map { Self.noon - 6 * 3_600 + $0 }, values: [1, 2, 3, 4])
      let context = try ForecastContext(
        observations: [rows], settings: try .of(patchLength: 1, numPatches: 7, fillLimit: limit))
      #expect(context.channels == [expected.map(Double.init)])
    }
  }

  @Test("The context is the newest patches; older rows do not matter")
  func newest() throws {
    let settings = try ForecastSettings.of(patchLength: 4, numPatches: 2)
    let context = try ForecastContext(observations: [stamps(Self.hours(100))], settings: settings)
    #expect(context.channels == [Self.hours(8).map(Double.init)])
    // A gap inside is not made up for by rows from before the window.
    let gapped = Self.hours(100).filter { $0 != Self.noon - 3_600 }
    let shorter = try ForecastContext(
      observations: [stamps(gapped)], settings: try .of(patchLength: 4, numPatches: 2, fillLimit: 0))
    #expect(shorter.channels == [Self.hours(8).filter { $0 != Self.noon - 3_600 }.map(Double.init)])
  }

  @Test("Fewer points than min_patches patches are not enough, as many are")
  func tooFew() throws {
    let settings = try ForecastSettings.of(patchLength: 4, numPatches: 8, minPatches: 2)
    let error = #expect(throws: ForecastError.self) {
      try ForecastContext(observations: [stamps(Self.hours(7))], settings: settings)
    }
    #expect(error?.code == .notEnoughData)
    #expect(error?.message.hasPrefix("7 usable points where the profile needs 8") == true)
    #expect(try ForecastContext(observations: [stamps(Self.hours(8))], settings: settings).channels[0].count == 8)
    let none = #expect(throws: ForecastError.self) {
      try ForecastContext(observations: [Observations(timestamps: [], values: [])], settings: settings)
    }
    #expect(none?.code == .notEnoughData)
  }

  @Test("Patch spacing keeps every k-th point counted back from the newest, after filling")
  func spacing() throws {
    let settings = try ForecastSettings.of(patchLength: 1, patchSpacing: 3, numPatches: 4, fillLimit: 2)
    let context = try ForecastContext(observations: [stamps(Self.hours(40))], settings: settings)
    #expect(context.channels == [[9, 6, 3, 0].map { Double(Self.noon - $0 * 3_600) }])
    // The point 6 hours back is empty, its neighbour 7 hours back carries over.
    let gapped = Self.hours(40).filter { $0 != Self.noon - 6 * 3_600 && $0 != Self.noon - 5 * 3_600 }
    let filled = try ForecastContext(observations: [stamps(gapped)], settings: settings)
    #expect(filled.channels == [[9, 7, 3, 0].map { Double(Self.noon - $0 * 3_600) }])
    let unfilled = try ForecastContext(
      observations: [stamps(gapped)], settings: try .of(patchLength: 1, patchSpacing: 3, numPatches: 4, fillLimit: 0))
    #expect(unfilled.channels == [[9, 3, 0].map { Double(Self.noon - $0 * 3_600) }])
    let forecast = try Forecaster(settings: settings).forecast(
      context: filled, count: 1, temperature: 1, topP: 1, seed: 0)
    #expect(forecast.timestamps == [Self.noon + 3 * 3_600])
  }

  @Test("Several series are joined where all have a value after filling, and end where the first of them ends")
  func join() throws {
    let settings = try ForecastSettings.of(names: ["a", "b"], patchLength: 1, numPatches: 6, fillLimit: 1)
    let first = stamps(Self.hours(6))
    // Ends three hours earlier, more than can be filled, and lacks the fifth hour back, which can.
    let second = stamps(Self.hours(6, until: Self.noon - 3 * 3_600).filter { $0 != Self.noon - 5 * 3_600 })
    let context = try ForecastContext(observations: [first, second], settings: settings)
    #expect(context.predictFrom == Self.noon - 3 * 3_600)
    #expect(context.channels[0] == [5, 4, 3].map { Double(Self.noon - $0 * 3_600) })
    #expect(context.channels[1] == [6, 4, 3].map { Double(Self.noon - $0 * 3_600) })
    // One that ends a fillable hour earlier is carried to the newest observation.
    let late = stamps(Self.hours(6, until: Self.noon - 3_600))
    let filled = try ForecastContext(observations: [first, late], settings: settings)
    #expect(filled.predictFrom == Self.noon)
    #expect(filled.channels[1].suffix(2) == [Double(Self.noon - 3_600), Double(Self.noon - 3_600)])
  }

  @Test("Rows may come in any order; values that are not finite and timestamps out of range hold no observation")
  func unusable() throws {
    let rows = Observations(
      timestamps: [Self.noon, Self.noon - 3_600, Self.noon - 7_200, -5, 253_402_300_800],
      values: [3, .nan, 1, 9, 9])
    let context = try ForecastContext(
      observations: [rows], settings: try .of(patchLength: 1, numPatches: 3, fillLimit: 1))
    #expect(context.channels == [[1, 1, 3]])
    #expect(context.predictFrom == Self.noon)
  }

  @Test("The mean of a bucket stays finite where the sum does not")
  func hugeMean() throws {
    let rows = Observations(timestamps: [100, 101, 102], values: [1.7e308, 1.7e308, -1.7e308])
    let context = try ForecastContext(observations: [rows], settings: try .of(patchLength: 1, numPatches: 1))
    #expect(abs(context.channels[0][0] / (1.7e308 / 3) - 1) < 1e-9)
  }

  @Test("The range to read covers the context and its filling, whatever lies before it")
  func reach() throws {
    let settings = try ForecastSettings.of(patchLength: 4, patchSpacing: 2, numPatches: 4, fillLimit: 3)
    let all = Self.hours(200).filter { $0 / 3_600 % 5 != 0 }
    let earliest = Self.noon - settings.reach
    #expect(earliest < Self.noon - 30 * 3_600 && earliest > Self.noon - 60 * 3_600)
    let whole = try ForecastContext(observations: [stamps(all)], settings: settings)
    let read = try ForecastContext(observations: [stamps(all.filter { $0 >= earliest })], settings: settings)
    #expect(whole.channels == read.channels)
    let tiny = try ForecastSettings.of(patchLength: 1, numPatches: 1)
    #expect(tiny.readinessReach >= 2 * 3_600)
  }

  @Test("Sparse rows over all of time, on the finest grid, are neither materialised nor overflow")
  func hostile() throws {
    let wide: [Int64] = (0...1_000).map { $0 * 253_402_300 }
    let names = ["a", "b", "c"]
    for window in [nil, "America/New_York 20:00-08:00", "UTC 00:00-23:59"] {
      for (interval, spacing) in [(Int64(1), 1_000), (31_556_952, 1_000), (86_400, 1), (31_556_952, 1), (7, 3)] {
        let settings = try ForecastSettings.of(
          names: names, interval: interval, patchLength: 256, patchSpacing: spacing, numPatches: 512, fillLimit: 10_000,
          window: window)
        let rows = names.map { _ in stamps(wide + [253_402_300_799]) }
        let readiness = Readiness(observations: rows, settings: settings)
        #expect(readiness.points <= 512 * 256)
        #expect((0...253_402_300_799).contains(settings.reach))
        if let context = try? ForecastContext(observations: rows, settings: settings) {
          #expect(context.channels[0].allSatisfy { $0.isFinite })
        }
      }
    }
    let edge = try ForecastSettings.of(interval: 31_556_952, patchLength: 1, patchSpacing: 1_000, numPatches: 64)
    let forecast = try Forecaster(settings: edge).forecast(
      context: try ForecastContext(observations: [stamps([253_402_300_799])], settings: edge), count: 1,
      temperature: 1, topP: 1, seed: 0)
    let last: Int64 = 253_402_300_799 + 8 * 31_556_952_000
    #expect(forecast.timestamps.last == last)
  }

  @Test("A profile is ready with its fewest patches and at least 3 points, and shows each series' band")
  func readiness() throws {
    let settings = try ForecastSettings.of(patchLength: 4, numPatches: 8, minPatches: 2)
    #expect(!Readiness(observations: [stamps(Self.hours(7))], settings: settings).isReady)
    let ready = Readiness(observations: [stamps(Self.hours(8))], settings: settings)
    #expect(ready.isReady && ready.points == 8 && ready.required == 8)
    // Never more than serving needs, but for three points.
    let least = try ForecastSettings.of(patchLength: 1, numPatches: 1)
    #expect(Readiness(observations: [stamps(Self.hours(2))], settings: least).required == 3)
    #expect(!Readiness(observations: [stamps(Self.hours(2))], settings: least).isReady)
    #expect(Readiness(observations: [stamps(Self.hours(3))], settings: least).isReady)
    #expect(Readiness(observations: [stamps([])], settings: try .of(patchLength: 100)).required == 100)
    #expect(Readiness(observations: [stamps([])], settings: settings).bands.isEmpty)
    let values = (0..<101).map(Double.init)
    let bands = Readiness(
      observations: [Observations(timestamps: Self.hours(101), values: values.reversed())],
      settings: try .of(numPatches: 32)
    ).bands
    #expect(abs(bands[0].low - 1) < 1e-12 && abs(bands[0].high - 99) < 1e-12)
  }
}
