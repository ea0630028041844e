import TemporisCLI
import Testing

@Suite("Reading observations")
struct ObservationReaderTests {
  private func read(_ rows: [[String]]) throws -> [ObservationReader.Observation] {
    var reader = ObservationReader()
    return try rows.enumerated().compactMap { try reader.read(CSVRecord(line: $0 + 1, fields: $1)) }
  }

  private func row(_ fields: String...) throws -> ObservationReader.Observation? {
    try read([["timestamp", "name", "value"], fields]).first
  }

  @Test("Without a header the order is timestamp, name, value")
  func withoutHeader() throws {
    let rows = try read([["60", "orders", "1.5"]])
    #expect(rows.count == 1)
    #expect(rows.first?.timestamp == 60 && rows.first?.name == "orders" && rows.first?.value == 1.5)
  }

  @Test("A header gives the order, and columns that nobody asked for are ignored")
  func headerOrder() throws {
    let rows = try read([["Value", "note", " name", "TIMESTAMP"], ["-2e3", "x", "a", "1970-01-01T00:01:00Z"]])
    #expect(rows.first?.timestamp == 60 && rows.first?.name == "a" && rows.first?.value == -2_000)
  }

  @Test("A header without one of the columns, or with one twice, is refused")
  func badHeader() {
    #expect(throws: CSVError.self) { try read([["timestamp", "value"]]) }
    #expect(throws: CSVError.self) { try read([["timestamp", "name", "name", "value"]]) }
  }

  @Test(
    "A bad field is refused with its line, its column and what is wrong",
    arguments: [
      (["x", "a", "1"], "timestamp \"x\" is neither Unix seconds nor ISO 8601"),
      (["1700000000000", "a", "1"], "timestamp \"1700000000000\" looks like milliseconds"),
      (["-1", "a", "1"], "timestamp \"-1\" is not in the years 1970 to 9999"),
      (["1.5", "a", "1"], "timestamp \"1.5\" is neither"),
      (["1", "", "1"], "name must have 1 to 255 bytes and has 0"),
      (["1", "a\u{7}", "1"], "name \"a?\" holds a control character"),
      (["1", "timestamp", "1"], "name must not be \"timestamp\""),
      (["1", "a", "nan"], "value \"nan\" is not a finite number"),
      (["1", "a", "1e999"], "value \"1e999\" is not a finite number"),
      (["1", "a", "0x10"], "value \"0x10\" is not a finite number"),
      (["1", "a", ""], "value \"\" is not a finite number"),
      (["1", "a"], "3 columns were expected and there are 2"),
    ])
  func refuses(fields: [String], message: String) throws {
    let error = try #require(throws: CSVError.self) { try read([["timestamp", "name", "value"], fields]) }
    #expect(error.line == 2)
    #expect(error.message.hasPrefix(message), "\(error.message)")
  }
}
