import Foundation
import TemporisCLI
import Testing

@Suite("Timestamps")
struct TimestampTextTests {
  @Test(
    "Unix seconds are read as the public API reads them",
    arguments: [
      ("0", 0), ("253402300799", 253_402_300_799), ("1750000000.0", 1_750_000_000),
      ("1750000000.000000", 1_750_000_000),
      ("1.75e9", 1_750_000_000), ("1.75E+09", 1_750_000_000), ("17500000000e-1", 1_750_000_000), ("0.0", 0),
      ("-5", -5), ("1700000000000", 1_700_000_000_000),
    ] as [(String, Int64)])
  func numbers(text: String, seconds: Int64) throws {
    #expect(try TimestampText.unixSeconds(text) == seconds)
  }

  @Test(
    "A date and time is read with each spelling of UTC, with an offset, and without a zone as UTC",
    arguments: [
      ("1970-01-01", 0), ("2000-02-29", 951_782_400), ("2026-05-01 UTC", 1_777_593_600),
      ("2026-05-01T12:30:45Z", 1_777_638_645), ("2026-05-01 12:30", 1_777_638_600),
      ("2026-05-01 12:30:45 UTC", 1_777_638_645), ("2026-05-01 12:30:45UTC", 1_777_638_645),
      ("2026-05-01T12:30:45 GMT", 1_777_638_645), ("2026-05-01 12:30:45.000 UTC", 1_777_638_645),
      ("2026-05-01T12:30:45.000Z", 1_777_638_645), ("2026-05-01t12:30:45z", 1_777_638_645),
      ("2026-05-01 12:30:45+00:00", 1_777_638_645), ("2026-05-01 12:30:45.000000+00", 1_777_638_645),
      ("2026-05-01 12:30:45 +0000 UTC", 1_777_638_645), ("2026-05-01 12:30:45 +0000", 1_777_638_645),
      ("2026-05-01T12:30:45-00:00", 1_777_638_645), ("2026-05-01T14:30:45+02:00", 1_777_638_645),
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
    "Every instant is written so that it is read back, as a date where RFC 3339 has one",
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (1_777_638_645, "2026-05-01T12:30:45Z"), (-1, "1969-12-31T23:59:59Z"),
      // Before the Gregorian calendar was in use.
      (-12_219_292_801, "1582-10-14T23:59:59Z"), (-62_135_596_800, "0001-01-01T00:00:00Z"),
      (253_402_300_799, "9999-12-31T23:59:59Z"), (253_402_300_800, "253402300800"),
      (-62_135_596_801, "-62135596801"), (.max, "9223372036854775807"), (.min, "-9223372036854775808"),
    ] as [(Int64, String)])
  func writes(seconds: Int64, text: String) throws {
    #expect(TimestampText.text(unixSeconds: seconds) == text)
    #expect(try TimestampText.unixSeconds(text) == seconds)
  }

  @Test(
    "Other texts are refused",
    arguments: [
      "", "now", "2026-13-01", "2026-02-29", "0000-01-01", "2026-05-32", "2026-05-01T24:00", "2026-05-01T12",
      "2026-05-01T",
      "2026-05-01T12:00+99:00", "2026-05-01T12:00+05:", "2026-05-01T12:00:00.", "1e", "e5", ".5", "5.",
      "1.5.2", "--5", "1e99999", "1e-9223372036854775808", "nan", "inf", "0x10", "١٢٣",
    ])
  func refuses(text: String) {
    #expect(throws: TimestampText.Fault.self) { try TimestampText.unixSeconds(text) }
  }

  @Test(
    "A fraction of a second is refused rather than dropped",
    arguments: [
      "5.5", "1750000000.001", "1.7500000001e9", "5e-1", "1750000000.00000000001", "2026-05-01T12:00:00.5Z",
    ])
  func fractions(text: String) throws {
    let fault = try #require(throws: TimestampText.Fault.self) { try TimestampText.unixSeconds(text) }
    #expect(fault.message == "is not a whole number of seconds")
  }

  @Test("A number beyond 64 bits is refused, and not rounded", arguments: ["99999999999999999999", "1e300", "1e999"])
  func tooLarge(text: String) throws {
    let fault = try #require(throws: TimestampText.Fault.self) { try TimestampText.unixSeconds(text) }
    #expect(fault.message == "is too large for Unix seconds")
  }

  @Test(
    "What may mean several instants is refused with what to write",
    arguments: [
      ("01/05/2026", "dates are written as 2026-05-01"), ("5/1/26 12:00", "dates are written as 2026-05-01"),
      ("01.05.2026", "dates are written as 2026-05-01"), ("1-5-2026", "dates are written as 2026-05-01"),
      ("2026-05-01 12:00:00 CST", "UTC, GMT, Z or an offset such as +02:00"),
      ("2026-05-01 12:00 PM", "UTC, GMT, Z or an offset such as +02:00"),
    ])
  func ambiguous(text: String, hint: String) throws {
    let fault = try #require(throws: TimestampText.Fault.self) { try TimestampText.unixSeconds(text) }
    #expect(fault.message.hasSuffix(hint), "\(fault.message)")
  }
}
