import Gateway
import SwiftProtobuf
import TemporisAPI
import Testing

@Suite struct ProfileFormTests {
  private static let complete: [ProfileSetting: String] = [
    .name: "hourly_orders", .dataSource: "shop", .names: "orders\r\nreturns", .interval: "3600", .patchLen: "8",
    .patchSpacing: "2", .numPatches: "64", .minPatches: "5", .fillLimit: "0", .timeZone: "America/New_York",
    .start: "20:00", .stop: "8:00",
  ]

  private func form(_ changes: [ProfileSetting: String] = [:]) -> ProfileForm {
    var form = ProfileForm()
    for (setting, text) in Self.complete.merging(changes, uniquingKeysWith: { $1 }) { form[setting] = text }
    return form
  }

  private func errors(_ changes: [ProfileSetting: String]) -> [ProfileSetting: String] {
    if case .errors(let errors) = form(changes).parsed { errors } else { [:] }
  }

  private func settings(_ form: ProfileForm) throws -> Temporis_Predict_V1_ProfileSettings {
    guard case .settings(let settings) = form.parsed else { throw Unexpected() }
    return settings
  }

  @Test("A complete form is the settings that it says")
  func complete() throws {
    let settings = try settings(form())
    #expect(settings.dataSource == "shop" && settings.names == ["orders", "returns"] && settings.interval == 3_600)
    #expect(settings.patchLen.value == 8 && settings.patchSpacing.value == 2 && settings.numPatches.value == 64)
    #expect(settings.minPatches.value == 5 && settings.fillLimit.value == 0 && !settings.useDiffs)
    #expect(settings.excludeWindow.timeZone == "America/New_York")
    #expect(settings.excludeWindow.startMinute == 1_200 && settings.excludeWindow.stopMinute == 480)
  }

  @Test("What a profile is shown as in the form is that profile again")
  func roundTrip() throws {
    var profile = Temporis_Predict_V1_DataProfile()
    profile.name = "hourly_orders"
    for isFull in [true, false] {
      profile.settings = try settings(form())
      profile.settings.useDiffs = isFull
      profile.settings.names = isFull ? [" led and trailed ", "a,b", "<script>", "Größe 😀"] : ["orders"]
      if !isFull { profile.settings.clearExcludeWindow() }
      let form = ProfileForm(profile)
      #expect(form[.name] == "hourly_orders")
      #expect(try settings(form) == profile.settings)
    }
  }

  @Test("A new profile's form holds every default, and what is left empty takes it")
  func defaults() throws {
    let new = ProfileForm(dataSource: "shop")
    #expect(new[.patchLen] == "16" && new[.patchSpacing] == "1" && new[.numPatches] == "32")
    #expect(new[.minPatches] == "4" && new[.fillLimit] == "2" && !new.usesDiffs && new[.dataSource] == "shop")
    let empty = try settings(
      form([
        .patchLen: "", .patchSpacing: "", .numPatches: "", .minPatches: "", .fillLimit: "", .timeZone: "", .start: "",
        .stop: "",
      ]))
    #expect(!empty.hasPatchLen && !empty.hasPatchSpacing && !empty.hasNumPatches && !empty.hasMinPatches)
    #expect(!empty.hasFillLimit && !empty.hasExcludeWindow)
  }

  @Test(
    "What is no number or no time is said beside its field; the rules of numbers are the service's",
    arguments: [
      (.interval, ""), (.interval, "1h"), (.interval, "3600.0"), (.interval, "-1"), (.interval, "٣٦٠٠"),
      (.interval, "99999999999999999999"), (.patchLen, "many"), (.fillLimit, "2147483648"), (.start, "24:00"),
      (.start, "8"), (.start, "08:60"), (.start, "08:0x"), (.start, ""), (.stop, ""), (.timeZone, ""),
    ] as [(ProfileSetting, String)])
  func refused(setting: ProfileSetting, text: String) {
    #expect(Array(errors([setting: text]).keys) == [setting])
  }

  @Test("Every mistake is said at once")
  func several() {
    let changes: [ProfileSetting: String] = [.interval: "1h", .patchLen: "x", .start: "x", .stop: "y"]
    #expect(Set(errors(changes).keys) == [.interval, .patchLen, .start, .stop])
  }

  @Test("A series is a line, which ends as browsers end it; every other character belongs to a name")
  func seriesNames() {
    let text = "a\r\nParis, France\n \u{2028}b\u{2029}\u{85}\u{0B}c \r\n\r\n  \t\r\nd\re\n\u{301}f"
    let names = form([.names: text]).seriesNames
    #expect(
      names.map { Array($0.utf8) }
        == [
          "a", "Paris, France", " \u{2028}b\u{2029}\u{85}\u{0B}c ", "d\re", "\u{301}f",
        ].map { Array($0.utf8) })
  }

  @Test("Clock times are read as people write them, and written in one way")
  func clockTimes() {
    #expect(ClockTime("8:05")?.minute == 485 && ClockTime("08:05")?.description == "08:05")
    #expect(ClockTime("00:00")?.minute == 0 && ClockTime("23:59")?.minute == 1_439)
  }

  @Test("A profile that is not ready says which series lack how much")
  func readiness() throws {
    var profile = Temporis_Predict_V1_DataProfile()
    profile.settings = try settings(form([.names: "orders\nvisits\nreturns"]))
    profile.forecast.stepSeconds = 7_200
    profile.forecast.readyPoints = 32
    profile.forecast.servingPoints = 40
    let rows: [String: Int64] = ["orders": 500, "visits": 12]
    let readiness = ProfileReadiness(profile, rowCounts: rows, isComplete: true)
    #expect(readiness.missing == ["“visits”: 12 rows so far; at least 20 more are needed."])
    #expect(readiness.unknownSeries == "shop has no rows of “returns”. It has: orders, visits.")
    #expect(readiness.summary.contains("32 grid points, 2 hours apart") && readiness.summary.contains("at least 40"))
    // Whether the source has a series is not known where not all of its series are.
    #expect(ProfileReadiness(profile, rowCounts: rows, isComplete: false).unknownSeries == nil)
    let empty = ProfileReadiness(profile, rowCounts: [:], isComplete: true)
    #expect(empty.unknownSeries?.hasSuffix("“visits”, “returns”, nor any others yet.") == true && empty.missing.isEmpty)
    // There are rows enough, and yet it is not ready.
    let enough: [String: Int64] = ["orders": 500, "visits": 500, "returns": 500]
    #expect(ProfileReadiness(profile, rowCounts: enough, isComplete: true).missing.count == 1)
    profile.ready = true
    #expect(ProfileReadiness(profile, rowCounts: [:], isComplete: false).missing.isEmpty)
  }

  @Test("Lengths of time are said in the largest unit that fits")
  func durations() {
    let texts = [1, 60, 90, 3_600, 5_400, 86_400, 604_800, 31_556_952].map { DurationText.text(seconds: $0) }
    #expect(
      texts == [
        "1 second", "1 minute", "90 seconds", "1 hour", "90 minutes", "1 day", "1 week", "31,556,952 seconds",
      ])
  }

  private struct Unexpected: Error {}
}
