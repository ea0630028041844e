import TemporisCLI
import Testing

@Suite("Exclude windows")
struct ExcludeWindowTextTests {
  @Test("A window that wraps midnight is read and written")
  func reads() throws {
    let window = try #require(ExcludeWindowText(parsing: "America/New_York 20:00-08:05"))
    #expect(window.timeZone == "America/New_York")
    #expect(window.startMinute == 1_200 && window.stopMinute == 485)
    #expect(window.text == "America/New_York 20:00-08:05")
  }

  @Test(
    "Other texts are refused",
    arguments: [
      "", "UTC", "UTC 20:00", "UTC 24:00-08:00", "UTC 20:60-08:00", "UTC 20:00-08:00 x", "20:00-08:00", "UTC 20-8",
      "UTC 20:00--08:00", "UTC +1:00-08:00",
    ])
  func refuses(text: String) {
    #expect(ExcludeWindowText(parsing: text) == nil)
  }
}
