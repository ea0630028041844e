import Forecasting
import Testing

@Suite("Exclude window") struct ExcludeWindowTests {
  /// Midnight UTC of the days before the changes to and from daylight saving in New York in 2026.
  static let spring: Int64 = 1_772_841_600
  static let autumn: Int64 = 1_793_404_800

  /// Hours after a start at which a context of hourly rows has points.
  private func kept(from start: Int64, hours: Range<Int64>, window: String) throws -> [Int64] {
    let rows = stamps(hours.map { start + $0 * 3_600 })
    let settings = try ForecastSettings.of(patchLength: 1, numPatches: 512, fillLimit: 0, window: window)
    let context = try ForecastContext(observations: [rows], settings: settings)
    return context.channels[0].map { (Int64($0) - start) / 3_600 }
  }

  @Test("A window across midnight keeps its wall-clock hours when clocks go forward")
  func spring() throws {
    // Standard time until 8 March, 07:00 UTC, is five hours behind; after it four.
    let expected = Array(Int64(13)..<25) + Array(Int64(36)..<48) + Array(Int64(60)..<72)
    #expect(try kept(from: Self.spring, hours: 2..<72, window: "America/New_York 20:00-08:00") == expected)
  }

  @Test("A window across midnight keeps its wall-clock hours when clocks go back")
  func autumn() throws {
    let expected = Array(Int64(12)..<24) + Array(Int64(37)..<49) + Array(Int64(61)..<73)
    #expect(try kept(from: Self.autumn, hours: 2..<73, window: "America/New_York 20:00-08:00") == expected)
  }

  @Test("A window inside the skipped hour masks nothing that day, inside the repeated hour it masks both")
  func shortDays() throws {
    let skipped = try kept(from: Self.spring, hours: 24..<40, window: "America/New_York 02:00-03:00")
    #expect(skipped == Array(24..<40))
    let repeated = try kept(from: Self.autumn, hours: 24..<40, window: "America/New_York 01:00-02:00")
    #expect(repeated == Array(24..<40).filter { $0 != 29 && $0 != 30 })
  }

  @Test("A zone half an hour off is masked at its half hours")
  func halfHour() throws {
    let start = Self.spring
    let rows = stamps((0..<96).map { start + $0 * 1_800 })
    let settings = try ForecastSettings.of(
      interval: 1_800, patchLength: 1, numPatches: 512, fillLimit: 0, window: "Asia/Kolkata 22:00-06:00")
    let context = try ForecastContext(observations: [rows], settings: settings)
    // 22:00 in India is 16:30 UTC, 06:00 is 00:30.
    let expected = (0..<96).filter { !(33...48).contains($0) && !($0 == 0) && !(81...95).contains($0) }
    #expect(context.channels[0].map { (Int64($0) - start) / 1_800 } == expected.map(Int64.init))
  }

  @Test("Forecast rows step over the window, on both sides of a change of clocks, and keep to the grid")
  func timestamps() throws {
    let settings = try ForecastSettings.of(window: "America/New_York 20:00-08:00", horizonPatches: 2)
    let context = try ForecastContext(predictFrom: Self.spring + 22 * 3_600, channels: [[1, 2, 3]])
    let forecast = try Forecaster(settings: settings).forecast(
      context: context, count: 1, temperature: 1, topP: 1, seed: 0)
    let expected = Array(Int64(23)..<25) + Array(Int64(36)..<48) + Array(Int64(60)..<72) + Array(Int64(84)..<90)
    #expect(forecast.timestamps == expected.map { Self.spring + $0 * 3_600 })
  }

  @Test("Empty buckets inside the window do not count as a gap, those outside do")
  func gapAcross() throws {
    // Data from 08:00 to 19:00, as a shop's. The first hour of the second day is missing.
    // A row of the night is neither read nor carried into the morning.
    let open = (Array(13..<25) + [30] + Array(38..<49)).map { Self.spring - 7 * 86_400 + $0 * 3_600 }
    for (limit, count) in [(1, 24), (0, 23)] {
      let settings = try ForecastSettings.of(
        patchLength: 1, numPatches: 64, fillLimit: limit, window: "America/New_York 20:00-08:00")
      let context = try ForecastContext(observations: [stamps(open)], settings: settings)
      #expect(context.channels[0].count == count)
      // The evening before is carried into the morning.
      if limit == 1 { #expect(context.channels[0][12] == context.channels[0][11]) }
    }
  }

  @Test("A masked newest row does not anchor the grid: the newest active one does")
  func maskedAnchor() throws {
    // Every day at noon, the last row at night.
    let noons = (0..<40).map { Self.spring - Int64(39 - $0) * 86_400 - 7 * 3_600 }
    let settings = try ForecastSettings.of(
      interval: 86_400, patchLength: 8, numPatches: 4, window: "America/New_York 20:00-08:00")
    let rows = stamps(noons + [Self.spring + 4 * 3_600])
    let context = try ForecastContext(observations: [rows], settings: settings)
    #expect(context.predictFrom == noons.last)
    #expect(context.channels == [noons.suffix(32).map(Double.init)])
    let allMasked = #expect(throws: ForecastError.self) {
      try ForecastContext(observations: [stamps([Self.spring + 4 * 3_600])], settings: settings)
    }
    #expect(allMasked?.code == .notEnoughData)
  }

  @Test("The range to read is long enough for a full context in a narrow active time")
  func reach() throws {
    for window in ["America/New_York 20:00-08:00", "UTC 10:00-09:00", "Asia/Kolkata 01:00-00:30"] {
      for spacing in [1, 3] {
        let settings = try ForecastSettings.of(
          interval: 600, patchLength: 16, patchSpacing: spacing, numPatches: 16, minPatches: 16, fillLimit: 0,
          window: window)
        let latest = Self.spring + 21 * 86_400
        let earliest = latest - settings.reach
        let rows = stamps(Array(stride(from: (earliest / 600 + 1) * 600, through: latest, by: 600)))
        #expect(try ForecastContext(observations: [rows], settings: settings).channels[0].count == 256)
      }
    }
  }

  @Test("A window that shuts out every grid point for good is an error, not an endless search")
  func shutOut() throws {
    // On 1 June 1980 Kathmandu was 5:30 ahead of UTC; since 1986 it is 5:45.
    let settings = try ForecastSettings.of(interval: 86_400, window: "Asia/Kathmandu 09:40-09:31")
    let context = try ForecastContext(predictFrom: 328_672_800 + 4 * 3_600 + 5 * 60, channels: [[1]])
    let forecaster = Forecaster(settings: settings)
    let error = #expect(throws: ForecastError.self) {
      try forecaster.forecast(context: context, count: 1, temperature: 1, topP: 1, seed: 0)
    }
    #expect(error?.code == .windowCoversForecast)
  }

  @Test("Periods count active time: a day of 12 hours has a period of 12 points")
  func periods() throws {
    let values = (0..<240).map { Double($0 % 12) }
    #expect(Periods.detect(in: values, step: 3_600, activeShare: 0.5).prefix(2) == [12, 84])
    let settings = try ForecastSettings.of(window: "UTC 20:00-08:00")
    #expect(ChannelFit(values, settings: settings).periods.first == 12)
    // Points whole days apart skip no time.
    let daily = try ForecastSettings.of(interval: 86_400, window: "UTC 20:00-08:00")
    #expect(ChannelFit((0..<140).map { Double($0 % 7) }, settings: daily).periods.first == 7)
  }
}
