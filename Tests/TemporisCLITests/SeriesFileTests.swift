import TemporisCLI
import Testing

@Suite("Series of a file")
struct SeriesFileTests {
  private func series(_ text: String, only names: [String] = [], rowLimit: Int = 100) throws -> [SeriesRows] {
    var collector = try SeriesCollector(series: names, rowLimit: rowLimit)
    try collector.read(Array(text.utf8))
    return try collector.finish()
  }

  @Test("Rows are sorted by time within their series, and of several at one time the last counts")
  func order() throws {
    let rows = try series("timestamp,name,value\n60,b,1\n20,a,5\n10,a,4\n20,a,6\n")
    #expect(
      rows == [
        SeriesRows(name: "b", timestamps: [60], values: [1]),
        SeriesRows(name: "a", timestamps: [10, 20], values: [4, 6]),
      ])
  }

  @Test("Series that are named are read in that order, and no others")
  func selection() throws {
    let text = "1,a,1\n1,\"b, c\",2\n2,a,3\n1,d,4\n"
    #expect(try series(text, only: ["d", "a"]).map(\.name) == ["d", "a"])
    #expect(try series(text, only: ["b, c"]).map(\.values) == [[2]])
    let error = try #require(throws: TemporisCLI.CommandFailure.self) { try series(text, only: ["a", "e"]) }
    #expect(error.lines == ["The file holds no rows of the series \"e\""])
  }

  @Test(
    "A row that no service would take is refused with its line",
    arguments: [
      ("1,a,1\n2,a,nan\n", "2: value \"nan\" is not a finite number"), ("1,a,1e999\n", "1: value"),
      ("-1,a,1\n", "1: timestamp must be 0 to 253402300799, not -1"), ("1750000000000,a,1\n", "1: timestamp must be"),
      ("1,,1\n", "1: names must be 1 to 255 bytes long"), ("1,timestamp,1\n", "1: names must not hold timestamp"),
      ("1,a\n", "1: 3 columns were expected"), ("1,a,1\n2,\"a,1\n", "2: a quoted field is not closed"),
      ("1,a,1\n2,a,1\n3,a,1\n4,a,1\n", "4: the file has more than 3 rows"),
    ])
  func refuses(text: String, message: String) throws {
    let error = try #require(throws: CSVError.self) { try series(text, rowLimit: 3) }
    #expect(error.description.contains(message), "\(error)")
  }

  @Test("A file has 64 series at most, unless some are named")
  func manySeries() throws {
    let text = (0...64).map { "1,s\($0),1\n" }.joined()
    let error = try #require(throws: CSVError.self) { try series(text) }
    #expect(error.description == "65: there are more than 64 series; choose some by --series")
    #expect(try series(text, only: ["s64", "s0"]).count == 2)
  }

  @Test("A file without rows is told from one that can be forecast", arguments: ["", "timestamp,name,value\n"])
  func empty(text: String) throws {
    #expect(throws: TemporisCLI.CommandFailure.self) { try series(text) }
  }

  @Test("A grid point takes the mean of the rows nearest to it, of two as near the later")
  func nearest() {
    let rows = SeriesRows(name: "a", timestamps: [5, 14, 15, 25], values: [1, 2, 4, 8])
    #expect(rows.mean(nearest: 10, interval: 10) == 1.5)
    #expect(rows.mean(nearest: 20, interval: 10) == 4)
    #expect(rows.mean(nearest: 30, interval: 10) == 8)
    #expect(rows.mean(nearest: 50, interval: 10) == nil)
  }
}
