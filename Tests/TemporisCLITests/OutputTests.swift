import TemporisCLI
import Testing

@Suite("What is printed")
struct OutputTests {
  @Test("Columns are as wide as their widest cell, and control characters stay out")
  func table() {
    var table = Table(headings: ["NAME", "STATE"])
    table.add(["store_metrics", "active"])
    table.add(["a\u{1b}[2J", ""])
    #expect(table.lines == ["NAME           STATE", "store_metrics  active", "a?[2J"])
  }

  @Test(
    "Money is exact, with at least two decimals",
    arguments: [
      (0, "$0.00"), (20, "$0.00000002"), (1_500_000_000, "$1.50"), (-1, "-$0.000000001"),
      (Int64.max, "$9223372036.854775807"),
    ] as [(Int64, String)])
  func money(nano: Int64, text: String) {
    #expect(Money.dollars(nano: nano) == text)
  }

  @Test(
    "Counts have commas between thousands",
    arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")])
  func counts(number: Int, text: String) {
    #expect(Count.grouped(number) == text)
  }

  @Test("One thing is not many", arguments: [(0, "0 rows"), (1, "1 row"), (1_001, "1,001 rows")])
  func plurals(number: Int, text: String) {
    #expect(Count.grouped(number, "row") == text)
    let line = IngestProgress.line(rows: number, bytes: 0, total: nil, seconds: 0, width: 80)
    #expect(line == "\(text), 0/s")
  }

  @Test("An ingest shows a bar, percentage, rows, rate and time left, as far as they are known and have room")
  func progress() {
    func line(bytes: Int64, total: Int64?, width: Int = 80) -> String {
      IngestProgress.line(rows: 5_000, bytes: bytes, total: total, seconds: 10, width: width)
    }
    #expect(line(bytes: 250, total: nil) == "5,000 rows, 500/s")
    let bar = String(repeating: "#", count: 10) + String(repeating: "-", count: 30)
    #expect(line(bytes: 250, total: 1_000) == "[\(bar)] 25% 5,000 rows, 500/s, 30 s left")
    #expect(line(bytes: 250, total: 1_000).count < 80)
    #expect(line(bytes: 250, total: 1_000, width: 40) == "25% 5,000 rows, 500/s, 30 s left")
    // A file that grew since it was opened.
    #expect(line(bytes: 2_000, total: 1_000, width: 40) == "100% 5,000 rows, 500/s, 0 s left")
  }

  @Test(
    "Times left are in the units that a person would choose",
    arguments: [(0.2, "1 s"), (200.0, "3 min 20 s"), (7_500.0, "2 h 5 min")])
  func times(seconds: Double, text: String) {
    #expect(Count.time(seconds) == text)
  }
}
