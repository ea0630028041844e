import ServiceKit
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

  @Test(
    "A first row of a series that is called like a column is a row, whatever the column",
    arguments: ["timestamp", "name", "value", "Timestamp"], ["5", "2026-05-01T12:30:45Z"])
  func seriesLikeColumn(name: String, timestamp: String) throws {
    let rows = try read([[timestamp, name, "2"], ["60", "orders", "1"]])
    #expect(rows.map(\.name) == [name, "orders"])
    #expect(rows.first?.value == 2)
  }

  @Test("A header may have columns beside the three that read like an instant")
  func headerWithNumber() throws {
    let rows = try read([["0", "timestamp", "name", "value"], ["7", "60", "orders", "1.5"]])
    #expect(rows.map(\.timestamp) == [60])
  }

  @Test("Blanks around a field belong to none of the three, and those inside a name do")
  func blanks() throws {
    let plain = try row("60", "New York", "42")
    #expect(plain?.name == "New York")
    #expect(try row(" 60", "\tNew York", "  42") == plain)
    #expect(try row("60 ", "New York ", "42\t") == plain)
    #expect(try read([[" 60\t", " New York ", "\t42 "]]).first == plain)
    #expect(try row("60", " \t", "42")?.name == "")
  }

  @Test("A header without one of the columns, or with one twice, is refused")
  func badHeader() throws {
    func fault(_ header: [String]) throws -> String {
      try #require(throws: CSVError.self) { try read([header]) }.message
    }
    #expect(try fault(["timestamp", "value"]) == "the header names no column name")
    #expect(try fault(["metric", "timestamp", "value"]) == "the header names no column name")
    #expect(try fault(["timestamp", "name", "name", "value"]) == "the header names the column name twice")
  }

  @Test(
    "A bad field is refused with its line, its column and what is wrong",
    arguments: [
      (["x\u{7}", "a", "1"], "timestamp \"x?\" is neither Unix seconds nor a date and time"),
      (["1.5", "a", "1"], "timestamp \"1.5\" is not a whole number of seconds"),
      (["01/05/2026", "a", "1"], "timestamp \"01/05/2026\" may begin with the day or with the month"),
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

  @Test("A row that the service refuses is named by the line on which it stands")
  func refusedRow() {
    let violation = FieldViolation(field: "batch.records[1].timestamp", rule: "must be a number")
    let fault = violation.fault(atLines: [2, 5, 6])
    #expect(fault?.description == "5: timestamp must be a number")
    #expect(violation.fault(atLines: [2]) == nil)
    #expect(FieldViolation(field: "header.data_source", rule: "must be a name").fault(atLines: [2]) == nil)
  }
}
