import Forecasting
import Testing

@Suite("Forecaster") struct ForecasterTests {
  @Test("The same request gives the same answer, another seed another one")
  func deterministic() throws {
    let channels = [TestSeries.daily(200), TestSeries.companion(200)]
    let settings = try ForecastSettings.of(names: ["a", "b"])
    let first = try Forecaster.forecast(channels, settings, seed: 42)
    #expect(try Forecaster.forecast(channels, settings, seed: 42).trajectories == first.trajectories)
    let other = try Forecaster.forecast(channels, settings, seed: 43)
    #expect(zip(other.trajectories, first.trajectories).allSatisfy { $0 != $1 })
  }

  @Test("A trajectory is the same whatever the count is, and differs from the others")
  func prefix() throws {
    for channels in [
      [TestSeries.daily(200)], [TestSeries.counts(200)], [TestSeries.daily(200), TestSeries.counts(200)],
    ] {
      let settings = try ForecastSettings.of(names: Array(["a", "b"].prefix(channels.count)))
      let many = try Forecaster.forecast(channels, settings, count: 50).trajectories
      for count in [1, 7] {
        #expect(try Forecaster.forecast(channels, settings, count: count).trajectories == Array(many.prefix(count)))
      }
      #expect(Set(many.map { $0.values }).count == 50)
    }
  }

  @Test("The answer has the asked shape: rows one step after another, metered tokens, finite losses")
  func shape() throws {
    let settings = try ForecastSettings.of(names: ["a", "b"], patchSpacing: 2)
    let forecast = try Forecaster.forecast([TestSeries.daily(100), TestSeries.walk(100)], settings, count: 3)
    #expect(forecast.predictFrom == 1_800_000_000)
    #expect(forecast.timestamps == (1...64).map { 1_800_000_000 + $0 * 7_200 })
    #expect(forecast.trajectories.count == 3 && forecast.modelTokens == 384)
    for trajectory in forecast.trajectories {
      #expect(trajectory.values.count == 128)
      #expect(trajectory.loss > 1 && trajectory.loss < 4)
    }
    // The walk stays near 100, the daily series near 50, each in its own column.
    let columns = forecast.trajectories[0].values.enumerated()
    #expect(columns.filter { $0.offset % 2 == 0 }.allSatisfy { $0.element < 75 })
    #expect(columns.filter { $0.offset % 2 == 1 }.allSatisfy { $0.element > 75 })
  }

  @Test("Temperature towards 0 and top_p 0 both collapse every trajectory onto one path")
  func collapse() throws {
    let settings = try ForecastSettings.of()
    for values in [TestSeries.daily(512), TestSeries.growing(512), TestSeries.walk(100)] {
      var paths: Set<[Double]> = []
      for (temperature, topP) in [(1e-9, 1.0), (1e-3, 0.9), (1, 0), (50, 0)] {
        for trajectory in try Forecaster.forecast([values], settings, temperature: temperature, topP: topP).trajectories
        {
          paths.insert(trajectory.values)
          // Loss is measured under the untempered probabilities.
          #expect(abs(trajectory.loss - Vocabulary.standard.costs[16]) < 1e-12)
        }
      }
      #expect(paths.count == 1)
    }
    let counts = try Forecaster.forecast([TestSeries.counts(200)], settings, topP: 0).trajectories
    #expect(Set(counts.map { $0.values }).count == 1)
  }

  @Test("The spread grows with the temperature, and shrinks with top_p")
  func spread() throws {
    for values in [TestSeries.daily(512), TestSeries.growing(200), TestSeries.walk(5)] {
      func width(_ temperature: Double, _ topP: Double) throws -> Double {
        try Forecaster.forecast([values], try .of(), count: 200, temperature: temperature, topP: topP).width
      }
      let widths = try [0.25, 0.5, 1, 2, 4].map { try width($0, 1) }
      #expect(zip(widths, widths.dropFirst()).allSatisfy { $0 * 1.1 < $1 }, "\(widths)")
      let narrowed = try [0.3, 0.9, 1].map { try width(1, $0) }
      #expect(zip(narrowed, narrowed.dropFirst()).allSatisfy { $0 < 0.97 * $1 }, "\(narrowed)")
    }
  }

  @Test("A seasonal signal is followed")
  func followsSeason() throws {
    let values = TestSeries.daily(512 + 64)
    let forecast = try Forecaster.forecast([Array(values.prefix(512))], try .of(), count: 100)
    let truth = TestSeries.noise(512 + 64).enumerated().map { values[$0] - 4 * $1 }
    for step in 0..<64 {
      let sorted = forecast.trajectories.map { $0.values[step] }.sorted()
      #expect(abs((sorted[49] + sorted[50]) / 2 - truth[512 + step]) < 3)
    }
  }

  @Test("The 80 % band covers about as much of what comes")
  func coverage() throws {
    let settings = try ForecastSettings.of(numPatches: 16)
    var (inside, all) = (0, 0)
    for shift in 0..<12 {
      let values = TestSeries.daily(256 + 32 + shift * 37).suffix(256 + 32)
      let forecast = try Forecaster.forecast([Array(values.prefix(256))], settings, count: 100)
      for (step, value) in values.suffix(32).enumerated() {
        let sorted = forecast.trajectories.map { $0.values[step] }.sorted()
        if (sorted[9]...sorted[90]).contains(value) { inside += 1 }
        all += 1
      }
    }
    let share = Double(inside) / Double(all)
    #expect(share > 0.65 && share < 0.95, "covered \(share)")
  }

  @Test("Channels that err together are forecast together")
  func joint() throws {
    let channels = [TestSeries.daily(512), TestSeries.companion(512)]
    let settings = try ForecastSettings.of(names: ["a", "b"])
    let trajectories = try Forecaster.forecast(channels, settings, count: 200).trajectories
    func correlation(_ pairs: [(Double, Double)]) -> Double {
      let count = Double(pairs.count)
      let means = (pairs.reduce(0) { $0 + $1.0 } / count, pairs.reduce(0) { $0 + $1.1 } / count)
      var (xy, xx, yy) = (0.0, 0.0, 0.0)
      for (x, y) in pairs {
        xy += (x - means.0) * (y - means.1)
        xx += (x - means.0) * (x - means.0)
        yy += (y - means.1) * (y - means.1)
      }
      return xy / (xx * yy).squareRoot()
    }
    let average = (0..<64).reduce(0) { sum, step in
      sum + correlation(trajectories.map { ($0.values[2 * step], $0.values[2 * step + 1]) }) / 64
    }
    #expect(average > 0.6 && average < 0.9)
  }

  @Test("A count-like channel is forecast by the values it has taken, with a loss of its own")
  func counts() throws {
    let values = TestSeries.counts(200)
    #expect(ChannelFit(values, settings: try .of()).isCounted)
    #expect(!ChannelFit(TestSeries.daily(200), settings: try .of()).isCounted)
    let trajectories = try Forecaster.forecast([values], try .of(), count: 50).trajectories
    let seen = Set(values)
    #expect(trajectories.allSatisfy { $0.values.allSatisfy(seen.contains) })
    let zeros = trajectories.flatMap { $0.values }.filter { $0 == 0 }.count
    let share = Double(values.filter { $0 == 0 }.count) / 200
    #expect(abs(Double(zeros) / 3_200 - share) < 0.1)
    #expect(trajectories.allSatisfy { $0.loss > 0 && $0.loss < 3 })
    // More values than the vocabulary holds are drawn from 65 quantiles.
    let many = (0..<400).map { $0 % 3 == 0 ? 0 : Double($0) }
    let drawn = try Forecaster.forecast([many], try .of(), count: 50).trajectories.flatMap { $0.values }
    #expect(Set(drawn).count <= 65)
  }

  @Test("A constant channel repeats at no loss, also beside one that moves")
  func constant() throws {
    for value in [0.0, 7, -3, 1e308] {
      let channel = Array(repeating: value, count: 64)
      for trajectory in try Forecaster.forecast([channel], try .of()).trajectories {
        #expect(trajectory.values == Array(repeating: value, count: 64))
        #expect(trajectory.loss == 0)
      }
    }
    let beside = try Forecaster.forecast(
      [Array(repeating: 7, count: 64), TestSeries.walk(64)], try .of(names: ["a", "b"])
    ).trajectories
    #expect(beside.allSatisfy { trajectory in (0..<64).allSatisfy { trajectory.values[2 * $0] == 7 } })
    // Nor do they count in the mean.
    let mean = beside.reduce(0) { $0 + $1.loss } / Double(beside.count)
    #expect(mean > 1.6 && mean < 2.6)
  }

  @Test("A history that never went below 0 is not forecast below it; one that did may be")
  func floor() throws {
    let low = TestSeries.noise(200).map { abs($0) * 10 }
    let values = try Forecaster.forecast([low], try .of(), count: 100).trajectories.flatMap { $0.values }
    #expect(values.allSatisfy { $0 >= 0 })
    // Some of its values are 0, too few for a count, so that errors are drawn in its own units.
    let touching = TestSeries.noise(200).map { max(0, $0 + 0.4) }
    let touched = try Forecaster.forecast([touching], try .of(), count: 100).trajectories.flatMap { $0.values }
    #expect(touched.allSatisfy { $0 >= 0 } && touched.contains(0))
    let signed = try Forecaster.forecast([TestSeries.noise(200)], try .of()).trajectories.flatMap { $0.values }
    #expect(signed.contains { $0 < 0 })
  }

  @Test("Nothing that is not finite ever comes out, however short, large, small or wild the history is")
  func finite() throws {
    let largest = Double.greatestFiniteMagnitude
    let histories: [[Double]] = [
      [5], [1, 2], [0, 0, 0, 1], Array(repeating: 1e308, count: 7) + [-1e308], [largest, -largest],
      (0..<64).map { $0 % 2 == 0 ? 1e308 : -1e308 }, (0..<64).map { $0 % 2 == 0 ? largest : 0 },
      (0..<64).map { Double($0) * Double.leastNonzeroMagnitude }, (0..<64).map { $0 == 40 ? 1e308 : Double($0) },
      (0..<64).map { $0 == 40 ? .leastNonzeroMagnitude : 1e308 }, (0..<100).map { pow10(Double($0) * 3) },
      (0..<64).map { $0 % 3 == 0 ? 0 : largest }, (0..<64).map { 1e300 + Double($0) * 1e285 }, TestSeries.walk(8),
      (0..<40).map { $0 == 20 ? 9 : 3 }, (0..<40).map { $0 == 39 ? 9 : 3 }, (0..<40).map { $0 % 2 == 0 ? 1 : -1 },
      (0..<40).map { $0 == 7 ? 1 : 0 }, (0..<40).map { $0 == 39 ? 1 : 0 }, [1, 2, 1, 3].map { $0 * 0x1p-1_070 },
      [-0.0, 0],
      Array(repeating: 1e308, count: 30) + Array(repeating: -1e308, count: 30), (0..<40).map { 1 + 1e-16 * Double($0) },
      (0..<40).map { $0 % 2 == 0 ? 1e-300 : 1 }, [.leastNonzeroMagnitude, largest, .leastNonzeroMagnitude],
    ]
    for history in histories {
      for usesDiffs in [false, true] {
        for (temperature, topP) in [(1.0, 1.0), (1e300, 1), (.leastNonzeroMagnitude, 0)] {
          let forecast = try Forecaster.forecast(
            [history, history.reversed()], try .of(names: ["a", "b"], usesDiffs: usesDiffs), count: 5,
            temperature: temperature, topP: topP)
          for trajectory in forecast.trajectories {
            #expect(trajectory.values.allSatisfy { $0.isFinite } && trajectory.loss.isFinite && trajectory.loss >= 0)
          }
        }
      }
    }
  }

  @Test("Growth is capped at e^1.5 times the highest value seen, on both sides where the sign changes")
  func growthCap() throws {
    let settings = try ForecastSettings.of(usesDiffs: true)
    for sign in [1.0, -1] {
      // Nothing to learn but a scale of 80 powers of ten.
      let wild = TestSeries.noise(60).enumerated().map { ($1 > 0 ? 1e40 : 1e-40) * ($0 % 2 == 0 ? 1 : sign) }
      let values = try Forecaster.forecast([wild], settings, count: 50, temperature: 50).trajectories.flatMap {
        $0.values
      }
      let cap = 1e40 * 4.4816890703380645
      #expect(values.allSatisfy { abs($0) <= cap * (1 + 1e-9) } && values.contains { $0 > cap * 0.99 })
      #expect(sign > 0 || values.contains { $0 < -cap * 0.99 })
    }
  }

  private func pow10(_ exponent: Double) -> Double { (0..<Int(exponent)).reduce(1) { product, _ in product * 10 } }

  @Test("Arguments out of range are refused, a context that is not finite or ragged as well")
  func refusals() throws {
    let context = try ForecastContext(predictFrom: 0, channels: [[1, 2, 3]])
    let forecaster = Forecaster(settings: try .of())
    for (count, temperature, topP) in [
      (0, 1.0, 1.0), (1_001, 1, 1), (1, 0, 1), (1, -1, 1), (1, .nan, 1), (1, .infinity, 1), (1, 1, -0.1), (1, 1, 1.1),
      (1, 1, .nan),
    ] {
      let error = #expect(throws: ForecastError.self) {
        try forecaster.forecast(context: context, count: count, temperature: temperature, topP: topP, seed: 0)
      }
      #expect(error?.code == .invalidArgument)
    }
    for channels in [[], [[]], [[1, 2], [1]], [[.nan]], [[.infinity]]] as [[[Double]]] {
      #expect(throws: ForecastError.self) { try ForecastContext(predictFrom: 0, channels: channels) }
    }
    let two = try ForecastContext(predictFrom: 0, channels: [[1], [2]])
    #expect(throws: ForecastError.self) { try forecaster.fit(two) }
  }

  @Test("A cancelled task stops, whether it fits or samples")
  func cancellation() async throws {
    let context = try ForecastContext(predictFrom: 0, channels: [TestSeries.daily(100)])
    let forecaster = Forecaster(settings: try .of())
    let model = try forecaster.fit(context)
    let tasks = [
      Task {
        withUnsafeCurrentTask { $0?.cancel() }
        _ = try forecaster.fit(context)
      },
      Task {
        withUnsafeCurrentTask { $0?.cancel() }
        _ = try model.sample(count: 1_000, temperature: 1, topP: 1, seed: 0)
      },
    ]
    for task in tasks { await #expect(throws: CancellationError.self) { try await task.value } }
  }

  @Test("A model that was kept draws what a forecast at once does, for any count, temperature and seed")
  func kept() throws {
    let channels = [TestSeries.daily(200), TestSeries.counts(200), Array(repeating: 7, count: 200)]
    let settings = try ForecastSettings.of(names: ["a", "b", "c"])
    let context = try ForecastContext(predictFrom: 1_800_000_000, channels: channels)
    let model = try Forecaster(settings: settings).fit(context)
    for (count, temperature, topP, seed) in [(5, 1.0, 1.0, UInt64(1)), (9, 0.5, 0.9, 77), (2, 3, 1, .max)] {
      let kept = try model.sample(count: count, temperature: temperature, topP: topP, seed: seed)
      let anew = try Forecaster.forecast(
        channels, settings, count: count, temperature: temperature, topP: topP, seed: seed)
      #expect(kept.trajectories == anew.trajectories && kept.timestamps == anew.timestamps)
      #expect(kept.predictFrom == anew.predictFrom && kept.modelTokens == anew.modelTokens)
    }
    #expect(throws: ForecastError.self) { try model.sample(count: 0, temperature: 1, topP: 1, seed: 0) }
  }

  @Test("A model tells its size: about what it holds for every channel")
  func size() throws {
    func size(_ channels: Int, patchLength: Int) throws -> Int {
      let settings = try ForecastSettings.of(names: (0..<channels).map { "n\($0)" }, patchLength: patchLength)
      let context = try ForecastContext(
        predictFrom: 0, channels: Array(repeating: TestSeries.daily(256), count: channels))
      return try Forecaster(settings: settings).fit(context).byteCount
    }
    // 64 steps of location and spread, 16 triangles of ten elements, 64 timestamps.
    let one = try size(1, patchLength: 16)
    #expect((2_816...5_000).contains(one))
    #expect(try size(64, patchLength: 16) > 40 * one)
    #expect(try size(1, patchLength: 256) > 10 * one)
  }

  @Test("The longest context of the most channels' patch length is fitted and the longest horizon filled")
  func largest() throws {
    let settings = try ForecastSettings.of(patchLength: 256, numPatches: 64)
    let forecast = try Forecaster.forecast([TestSeries.daily(256 * 64)], settings, count: 1)
    #expect(forecast.trajectories[0].values.count == 2_048)
    #expect(forecast.trajectories[0].values.allSatisfy { $0 > 20 && $0 < 80 })
  }
}
