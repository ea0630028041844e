import Postgres
import PredictServer
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing

@Suite("Data profiles")
struct DataProfileTests {
  typealias Settings = Temporis_Predict_V1_ProfileSettings

  struct BadSetting: Sendable, CustomTestStringConvertible {
    let name: String
    let change: @Sendable (inout Settings) -> Void
    var testDescription: String { name }

    init(_ name: String, _ change: @escaping @Sendable (inout Settings) -> Void) {
      self.name = name
      self.change = change
    }
  }

  static let badSettings = [
    BadSetting("interval") { $0.interval = 0 }, BadSetting("interval") { $0.interval = 31_556_953 },
    BadSetting("interval") { $0.interval = -1 },
    BadSetting("patch_len") { $0.patchLen = 0 }, BadSetting("patch_len") { $0.patchLen = 257 },
    BadSetting("patch_spacing") { $0.patchSpacing = 0 }, BadSetting("patch_spacing") { $0.patchSpacing = 1_001 },
    BadSetting("num_patches") { $0.numPatches = 0 }, BadSetting("num_patches") { $0.numPatches = 513 },
    BadSetting("min_patches") { $0.minPatches = 0 }, BadSetting("min_patches") { $0.minPatches = 33 },
    BadSetting("min_patches") {
      $0.minPatches = 5
      $0.numPatches = 4
    },
    BadSetting("fill_limit") { $0.fillLimit = -1 }, BadSetting("fill_limit") { $0.fillLimit = 10_001 },
    BadSetting("names") { $0.names = [] }, BadSetting("names") { $0.names = (0...64).map { "s\($0)" } },
    BadSetting("names") { $0.names = ["a", "b", "a"] }, BadSetting("name") { $0.names = [""] },
    BadSetting("name") { $0.names = ["a\u{7}"] }, BadSetting("timestamp") { $0.names = ["timestamp"] },
    BadSetting("name") { $0.names = [String(repeating: "n", count: 256)] },
    BadSetting("exclude_window") { $0.excludeWindow = .of("Mars/Olympus", 0, 60) },
    BadSetting("exclude_window") { $0.excludeWindow = .of("", 0, 60) },
    BadSetting("exclude_window") { $0.excludeWindow = .of("UTC", -1, 60) },
    BadSetting("exclude_window") { $0.excludeWindow = .of("UTC", 0, 1_440) },
    BadSetting("exclude_window") { $0.excludeWindow = .of("UTC", 60, 60) },
  ]

  @Test("A setting out of its range is refused by its name", arguments: badSettings)
  func badSetting(bad: BadSetting) async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    await expectRefusal(.invalidArgument, saying: bad.name) { try await account.createProfile("p", bad.change) }
    #expect(try await account.profileNames().isEmpty)
  }

  @Test("All settings that break a rule are refused at once, each by its field")
  func badSettingsAtOnce() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    func change(_ settings: inout Settings) {
      settings.names = []
      settings.interval = 0
      settings.patchLen = 257
      settings.fillLimit = -1
      settings.excludeWindow = .of("Mars/Olympus", 0, 60)
    }
    let fields = ["names", "interval", "patch_len", "fill_limit", "exclude_window"].map { "settings.\($0)" }
    let refusals = [
      await #expect(throws: ServiceError.self) { try await account.createProfile("p", change) },
      await #expect(throws: ServiceError.self) {
        try await account.createProfile()
        return try await account.updateProfile { change(&$0) }
      },
    ]
    for refusal in refusals {
      #expect(refusal?.reason == .invalidArgument)
      #expect(refusal?.violations.map(\.field) == fields)
      #expect(refusal?.violations[2].rule == "must be 1 to 256, not 257")
    }
  }

  @Test("A profile tells what its settings make of a forecast")
  func forecastShape() async throws {
    let account = try await PredictStack.make().account()
    try await account.furnish()
    try await account.ingest(.hourly("visits", count: 200))
    let profile = try await account.updateProfile(mask: ["names", "patch_spacing", "patch_len", "min_patches"]) {
      $0.names = ["orders", "visits"]
      $0.patchSpacing = 2
      $0.patchLen = 8
      $0.minPatches = 6
    }
    let shape = profile.forecast
    #expect(shape.stepSeconds == 7_200 && shape.horizonSteps == 32 && shape.servingPoints == 48)
    #expect(shape.tokensPerTrajectory == 64)
    let messages = try await account.predict(count: 3)
    #expect(messages[0].header.timestamps.count == 32)
    #expect(messages[0].header.modelTokens == 3 * shape.tokensPerTrajectory)
    // At one point fewer the profile is not ready.
    let source = try await account.createSource("points")
    for (count, isReady) in [(shape.readyPoints - 1, false), (shape.readyPoints, true)] {
      try await account.ingest(.hourly("orders", count: Int(count)), into: source.name)
      let profile = try await account.createProfile("ready_\(isReady)") {
        $0.dataSource = source.name
        $0.patchLen = 8
        $0.minPatches = 6
      }
      #expect(profile.ready == isReady && profile.forecast.readyPoints == shape.readyPoints)
    }
  }

  @Test("A profile without settings, or with a bad name, is refused")
  func badRequest() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    await expectRefusal(.invalidArgument) { try await account.createProfile("p") { $0 = Settings() } }
    await expectRefusal(.invalidArgument, saying: "name must be") { try await account.createProfile("Hourly") }
  }

  @Test("Every setting is stored, the limits of the ranges included")
  func settingsAreStored() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    let largest = try await account.createProfile("largest") {
      $0.names = (1...64).map { "series \($0) é" }
      $0.interval = 31_556_952
      $0.patchLen = 256
      $0.patchSpacing = 1_000
      $0.numPatches = 512
      $0.minPatches = 512
      $0.fillLimit = 10_000
      $0.useDiffs = true
      $0.excludeWindow = .of("America/New_York", 1_200, 480)
    }
    #expect(try await account.profile("largest") == largest)
    #expect(largest.id.hasPrefix("prof_") && !largest.ready && largest.statistics.isEmpty)
    let settings = largest.settings
    #expect(settings.dataSource == "metrics" && settings.names.count == 64 && settings.names[63] == "series 64 é")
    #expect(settings.interval == 31_556_952 && settings.patchLen.value == 256 && settings.patchSpacing.value == 1_000)
    #expect(settings.numPatches.value == 512 && settings.minPatches.value == 512 && settings.fillLimit.value == 10_000)
    #expect(settings.useDiffs && settings.excludeWindow == .of("America/New_York", 1_200, 480))
    let smallest = try await account.createProfile("smallest") {
      $0.interval = 1
      $0.patchLen = 1
      $0.patchSpacing = 1
      $0.numPatches = 1
      $0.minPatches = 1
      $0.fillLimit = 0
    }.settings
    #expect(smallest.patchLen.value == 1 && smallest.fillLimit.value == 0 && !smallest.hasExcludeWindow)
  }

  @Test("What is left out takes its default")
  func defaults() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    let settings = try await account.createProfile().settings
    #expect(settings.patchLen.value == 16 && settings.patchSpacing.value == 1 && settings.numPatches.value == 32)
    #expect(settings.minPatches.value == 4 && settings.fillLimit.value == 2)
    #expect(!settings.useDiffs && !settings.hasExcludeWindow)
  }

  @Test("A profile needs a source of its account, and a name that is free")
  func sourceAndName() async throws {
    let account = try await PredictStack.make().account()
    await expectRefusal(.dataSourceNotFound) { try await account.createProfile() }
    await expectRefusal(.dataSourceNotFound) { try await account.createProfile { $0.dataSource = "" } }
    try await account.createSource()
    try await account.createProfile()
    await expectRefusal(.dataProfileExists) { try await account.createProfile() }
    try await account.deleteProfile()
    await expectRefusal(.dataProfileNotFound) { try await account.deleteProfile() }
    await expectRefusal(.dataProfileNotFound) { try await account.profile() }
    try await account.createProfile()
    #expect(try await account.profileNames() == ["hourly"])
  }

  @Test("The same idempotency key answers what it created; with other settings it is refused")
  func idempotency() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    let first = try await account.createProfile(key: "k")
    #expect(try await account.createProfile(key: "k") == first)
    await expectRefusal(.idempotencyKeyReused) { try await account.createProfile(key: "k") { $0.interval = 60 } }
    await expectRefusal(.idempotencyKeyReused) { try await account.createProfile("daily", key: "k") }
  }

  @Test("The same idempotency key still answers a profile that was edited in between")
  func idempotencyAfterUpdate() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    try await account.createProfile(key: "k")
    let edited = try await account.updateProfile { $0.interval = 60 }
    #expect(try await account.createProfile(key: "k") == edited)
    await expectRefusal(.idempotencyKeyReused) { try await account.createProfile(key: "k") { $0.interval = 60 } }
  }

  @Test("An update changes what its mask names and nothing else; without a mask, everything")
  func update() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    try await account.createSource("other")
    let first = try await account.createProfile {
      $0.patchLen = 8
      $0.excludeWindow = .of("UTC", 60, 120)
    }
    var expected = first
    expected.settings.interval = 60
    expected.settings.names = ["a", "b"]
    expected.forecast.stepSeconds = 60
    expected.forecast.tokensPerTrajectory *= 2
    let masked = try await account.updateProfile(mask: ["interval", "names"]) {
      $0.interval = 60
      $0.names = ["a", "b"]
      $0.patchLen = 99
    }
    #expect(masked == expected)
    #expect(try await account.profile() == expected)
    expected.settings.patchLen = 16
    expected.forecast.horizonSteps *= 2
    expected.forecast.servingPoints *= 2
    expected.forecast.readyPoints *= 2
    expected.forecast.tokensPerTrajectory *= 2
    expected.settings.clearExcludeWindow()
    #expect(try await account.updateProfile(mask: ["patch_len", "exclude_window"]) == expected)
    let replaced = try await account.updateProfile { $0.dataSource = "other" }
    #expect(replaced.settings.dataSource == "other" && replaced.settings.names == ["orders"])
    #expect(replaced.id == first.id && replaced.createTime == first.createTime)
    #expect(try await account.updateProfile(mask: ["*"]) { $0.useDiffs = true }.settings.useDiffs)
  }

  @Test("An update that breaks a rule changes nothing")
  func badUpdate() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    let before = try await account.createProfile()
    await expectRefusal(.invalidArgument, saying: "interval") { try await account.updateProfile { $0.interval = 0 } }
    await expectRefusal(.invalidArgument, saying: "must name settings, not 'nonsense'") {
      try await account.updateProfile(mask: ["interval", "nonsense"])
    }
    await expectRefusal(.dataSourceNotFound) { try await account.updateProfile { $0.dataSource = "none" } }
    await expectRefusal(.dataProfileNotFound) { try await account.updateProfile("none") }
    #expect(try await account.profile() == before)
  }

  @Test("An edited profile is ready by its new settings alone, with the statistics of its new series")
  func updateReadiness() async throws {
    let account = try await PredictStack.make().account()
    try await account.furnish()
    try await account.ingest(.hourly("visits", count: 70))
    let visits = try await account.updateProfile(mask: ["names"]) { $0.names = ["visits"] }
    #expect(visits.ready && visits.statistics.map(\.name) == ["visits"])
    #expect(try await !account.updateProfile(mask: ["names"]) { $0.names = ["none"] }.ready)
    await expectRefusal(.dataProfileNotReady) { try await account.predict() }
  }

  @Test("A profile is created and shown, not ready, while the engine has no place to judge it")
  func busyEngine() async throws {
    let engine = ProbeEngine(.wait)
    let stack = try await PredictStack.make(engine: engine) {
      $0.engineConcurrency = 1
      $0.engineQueue = 0
    }
    let account = stack.account()
    try await account.furnish()
    let prediction = Task.immediate { try await account.predict() }
    while engine.calls == 0 { await Task.yield() }
    #expect(try await !account.createProfile("second").ready)
    #expect(try await !account.profile("second").ready)
    #expect(try await account.profileNames() == ["hourly", "second"])
    engine.release()
    _ = try await prediction.value
    #expect(try await account.profile("second").ready)
  }

  @Test("A profile becomes ready with enough data, shows its band, and stays ready")
  func readiness() async throws {
    let account = try await PredictStack.make { $0.maximumFutureDays = 100_000 }.account()
    try await account.createSource()
    #expect(try await !account.createProfile().ready)
    try await account.ingest(.hourly("orders", count: 63))
    #expect(try await !account.profile().ready)
    try await account.ingest(.hourly("orders", count: 64))
    let ready = try await account.profile()
    #expect(ready.ready && ready.statistics.map(\.name) == ["orders"])
    let band = try #require(ready.statistics.first)
    #expect(band.lower >= 100 && band.upper > band.lower && band.upper <= 152)
    // The statistics are those of the moment at which it became ready.
    try await account.ingest((0..<64).map { .of("orders", 1_760_000_400 + $0 * 3_600, 9_000) })
    #expect(try await account.profile() == ready)
    // Far ahead, the new row leaves the context with one point.
    try await account.ingest([.of("orders", 4_000_000_000, 1)])
    #expect(try await account.profile() == ready)
    #expect(try await account.createProfile("second").ready == false)
  }

  @Test("A profile that was found not to be ready isn't judged again until a row of its source changes")
  func rememberedReadiness() async throws {
    let account = try await PredictStack.make().account()
    let source = try await account.createSource()
    try await account.setCard()
    try await account.ingest(.hourly("orders", count: 63))
    #expect(try await !account.createProfile().ready)
    // Rows that come past the triggers are a change that nobody can know of.
    try await account.stack.administrator.transaction { transaction in
      try await transaction.execute("SET LOCAL session_replication_role = replica")
      try await transaction.execute(
        """
        INSERT INTO predict.record (account_id, source_id, name, "timestamp", value)
        SELECT account_id, source_id, name, max("timestamp") + n * 3600, 1
        FROM predict.record, generate_series(1, 9) AS n WHERE account_id = $1 AND source_id = $2
        GROUP BY account_id, source_id, name, n
        """,
        .text(account.id), .text(source.id))
    }
    for _ in 1...2 {
      #expect(try await !account.profile().ready)
      await expectRefusal(.dataProfileNotReady) { try await account.predict() }
    }
    // The same row again is none; another value is.
    let first = try #require([Temporis_Predict_V1_Record].hourly("orders", count: 1).first)
    try await account.ingest([first])
    #expect(try await !account.profile().ready)
    try await account.ingest([.of("orders", first.timestamp, first.value + 1)])
    #expect(try await account.profile().ready)
  }

  @Test("A list judges a few of its profiles anew, and shows the others as they were")
  func listedReadiness() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    for number in 0..<10 { try await account.createProfile("p\(number)") }
    try await account.ingest(.hourly("orders", count: 100))
    #expect(try await account.profiles().count(where: \.ready) == 8)
    #expect(try await account.profiles().count(where: \.ready) == 10)
  }

  @Test("A profile on rows that are there is ready at once, and one of several series needs them all")
  func readinessAtOnce() async throws {
    let account = try await PredictStack.make().account()
    try await account.createSource()
    try await account.ingest(.hourly("orders", count: 100))
    #expect(try await account.createProfile().ready)
    #expect(try await !account.createProfile("both") { $0.names = ["orders", "visits"] }.ready)
    try await account.ingest(.hourly("visits", count: 100))
    #expect(try await account.profile("both").statistics.map(\.name) == ["orders", "visits"])
  }
}

extension Temporis_Predict_V1_ExcludeWindow {
  static func of(_ timeZone: String, _ start: Int32, _ stop: Int32) -> Self {
    .with {
      $0.timeZone = timeZone
      $0.startMinute = start
      $0.stopMinute = stop
    }
  }
}
