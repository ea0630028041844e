import Foundation
import TemporisCLI
import Testing

@Suite("Timestamps")
struct TimestampTextTests {
  @Test(
    "Unix seconds and ISO 8601 are read",
    arguments: [
      ("0", 0), ("253402300799", 253_402_300_799), ("1970-01-01", 0), ("2000-02-29", 951_782_400),
      ("2026-05-01T12:30:45Z", 1_777_638_645), ("2026-05-01 12:30", 1_777_638_600),
      ("2026-05-01T12:30:45.000Z", 1_777_638_645), ("2026-05-01T14:30:45+02:00", 1_777_638_645),
      ("2026-05-01T07:00:45-0530", 1_777_638_645), ("2026-05-01T13:30:45+01", 1_777_638_645),
      ("9999-12-31T23:59:59Z", 253_402_300_799),
    ] as [(String, Int64)])
  func reads(text: String, seconds: Int64) throws {
    #expect(try TimestampText.unixSeconds(text) == seconds)
  }

  @Test("Every day of four centuries agrees with the calendar of Foundation")
  func calendar() throws {
    for day in stride(from: 0, to: 146_097, by: 13) {
      let seconds = Int64(day) * 86_400
      let text = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
      #expect(try TimestampText.unixSeconds(text) == seconds)
    }
  }

  @Test(
    "Other texts are refused",
    arguments: [
      "", "now", "2026-13-01", "2026-02-29", "2026-05-32", "2026-05-01T24:00", "2026-05-01T12",
      "2026-05-01T12:00:00.5Z",
      "2026-05-01T12:00:00 UTC", "1969-12-31", "-5", "253402300800", "1700000000000", "99999999999999999999", "5.0",
      "2026-05-01T12:00+99:00",
    ])
  func refuses(text: String) {
    #expect(throws: TimestampText.Fault.self) { try TimestampText.unixSeconds(text) }
  }
}
