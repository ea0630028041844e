import Forecasting
import Testing

@Suite("Settings") struct SettingsTests {
  @Test("Each limit of the spec is accepted at its ends")
  func limits() throws {
    _ = try ForecastSettings.of(
      interval: 1, patchLength: 1, patchSpacing: 1, numPatches: 1, minPatches: 1, fillLimit: 0)
    _ = try ForecastSettings.of(
      names: (0..<64).map { "n\($0)" }, interval: 31_556_952, patchLength: 256, patchSpacing: 1_000, numPatches: 512,
      minPatches: 512, fillLimit: 10_000, horizonPatches: 8)
    let defaults = try ForecastSettings(names: ["x"], interval: 3_600)
    #expect(defaults.patchLength == 16 && defaults.patchSpacing == 1 && defaults.numPatches == 32)
    #expect(defaults.minPatches == 4 && defaults.fillLimit == 2 && !defaults.usesDiffs)
  }

  @Test("A value beyond a limit is refused by the setting's name and the range")
  func refusals() {
    let cases: [(String, () throws -> ForecastSettings)] = [
      ("interval must be 1 to 31556952 seconds, not 0", { try .of(interval: 0) }),
      ("interval must be 1 to 31556952 seconds, not 31556953", { try .of(interval: 31_556_953) }),
      ("patch_len must be 1 to 256, not 0", { try .of(patchLength: 0) }),
      ("patch_len must be 1 to 256, not 257", { try .of(patchLength: 257) }),
      ("patch_spacing must be 1 to 1000, not 1001", { try .of(patchSpacing: 1_001) }),
      ("patch_spacing must be 1 to 1000, not 0", { try .of(patchSpacing: 0) }),
      ("num_patches must be 1 to 512, not 513", { try .of(numPatches: 513) }),
      ("num_patches must be 1 to 512, not 0", { try .of(numPatches: 0) }),
      ("min_patches must be 1 to 32, not 33", { try .of(minPatches: 33) }),
      ("min_patches must be 1 to 32, not 0", { try .of(minPatches: 0) }),
      ("fill_limit must be 0 to 10000, not -1", { try .of(fillLimit: -1) }),
      ("fill_limit must be 0 to 10000, not 10001", { try .of(fillLimit: 10_001) }),
      ("horizon_patches must be 1 to 8, not 9", { try .of(horizonPatches: 9) }),
      ("names must hold 1 to 64 series, not 0", { try .of(names: []) }),
      ("names must hold 1 to 64 series, not 65", { try .of(names: (0..<65).map { "n\($0)" }) }),
      ("names must hold every series once, not a twice", { try .of(names: ["a", "b", "a"]) }),
      ("names must be 1 to 255 bytes long each, not 0", { try .of(names: [""]) }),
      (
        "names must be 1 to 255 bytes long each, not 256",
        { try .of(names: [String(repeating: "é", count: 128)]) }
      ),
      ("names must not hold control characters", { try .of(names: ["a\u{7}"]) }),
      (
        "names must not hold timestamp, the field of every row",
        { try .of(names: ["timestamp"]) }
      ),
    ]
    for (message, make) in cases {
      let error = #expect(throws: ForecastError.self) { try make() }
      #expect(error?.code == .invalidSettings)
      #expect(error?.message == message)
    }
  }

  @Test("Settings that break several rules are refused with all of them")
  func severalRefusals() {
    let error = #expect(throws: ForecastError.self) {
      try ForecastSettings.of(names: [], interval: 0, numPatches: 0, minPatches: 1, fillLimit: -1)
    }
    #expect(error?.violations.map(\.setting) == ["names", "interval", "num_patches", "fill_limit"])
    #expect(error?.violations.last?.rule == "must be 0 to 10000, not -1")
  }

  @Test("The horizon is an eighth of the patches, from 1 to 8, unless the profile sets it")
  func horizon() throws {
    for (patches, expected) in [(1, 1), (7, 1), (8, 1), (16, 2), (32, 4), (64, 8), (512, 8)] {
      #expect(try ForecastSettings.of(numPatches: patches).horizon == expected * 16)
    }
    #expect(try ForecastSettings.of(horizonPatches: 3).horizon == 48)
  }

  @Test("Metered tokens are count x patches x points x series")
  func tokens() throws {
    #expect(try ForecastSettings.of().modelTokens(count: 100) == 6_400)
    #expect(try ForecastSettings.of(names: ["a", "b", "c"]).modelTokens(count: 5) == 960)
    let largest = try ForecastSettings.of(names: (0..<64).map { "n\($0)" }, patchLength: 256, numPatches: 512)
    #expect(largest.modelTokens(count: 1_000) == 131_072_000)
  }

  @Test("An exclude window is read from and printed as its text")
  func windowText() throws {
    for text in [
      "America/New_York 20:00-08:00", "UTC 00:00-23:59", "Asia/Kolkata 09:05-17:30", "Etc/GMT+5 01:00-02:00",
    ] {
      let window = try ExcludeWindow(parsing: text)
      #expect(window.description == text)
      #expect(try ExcludeWindow(parsing: window.description) == window)
    }
    let window = try ExcludeWindow(parsing: "America/New_York  8:00-20:00")
    #expect(window.startMinute == 480 && window.stopMinute == 1_200)
    #expect(window.description == "America/New_York 08:00-20:00")
  }

  @Test(
    "A window that cannot be read is refused",
    arguments: [
      "", "20:00-08:00", "America/New_York", "America/New_York 20:00", "America/New_York 20:00-20:00",
      "America/New_York 24:00-08:00", "America/New_York 20:60-08:00", "America/New_York 2000-0800", "UTC 1:2-3:4",
      "Nowhere/Land 20:00-08:00", "GMT+5 20:00-08:00", "../../etc/passwd 20:00-08:00", "UTC 20:00-08:00 extra",
      "UTC +1:00-08:00", "UTC 20:00-08:00-09:00", "UTC ٢٠:٠٠-08:00",
    ])
  func badWindows(text: String) {
    let error = #expect(throws: ForecastError.self) { try ExcludeWindow(parsing: text) }
    #expect(error?.code == .invalidSettings)
    #expect(error?.message.hasPrefix("exclude_window must ") == true)
  }
}
