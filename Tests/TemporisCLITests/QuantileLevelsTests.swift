import ForecastChart
import TemporisCLI
import Testing

@Suite("Quantiles and sketches")
struct QuantileLevelsTests {
  @Test(
    "Levels are numbers from 0 to 1, in any order",
    arguments: [
      ("0.5", [0.5], ["p50"]), ("0.9,0.1,0.5", [0.1, 0.5, 0.9], ["p10", "p50", "p90"]),
      ("0,1,0.07,0.975", [0, 0.07, 0.975, 1], ["p0", "p7", "p97.5", "p100"]), ("5e-1", [0.5], ["p50"]),
    ])
  func reads(text: String, levels: [Double], labels: [String]) throws {
    let read = try #require(QuantileLevels(argument: text))
    #expect(read.levels == levels && read.labels == labels)
  }

  @Test(
    "Others are refused",
    arguments: ["", ",", "0.5,", "1.1", "-0.1", "nan", "inf", "0x1p-1", "+0.5", "0.5,0.50", "0.1 0.9", "ten"])
  func refuses(text: String) {
    #expect(QuantileLevels(argument: text) == nil)
  }

  @Test("So many levels are no table any more")
  func tooMany() {
    let text = (1...100).map { "0.\(1_000 + $0)" }.joined(separator: ",")
    #expect(QuantileLevels(argument: text) == nil)
  }

  @Test("A sketch has what was observed to the left, and band and median to the right, each value in its line")
  func sketch() {
    let fan = (0..<10).map { _ in Quantiles([0.0, 0, 50, 100, 100]) }
    let sketch = Sketch(history: Array(repeating: 100, count: 10), fan: fan, columns: 30, isPlain: true)
    let lines = sketch.lines(from: "1 May", to: "20 May")
    #expect(lines.count == 15)
    #expect(lines[0] == "100 |**********..........")
    #expect(lines[6] == "    |          ==========")
    #expect(lines[11] == "  0 |          ..........")
    #expect(lines[12] == "    +--------------------")
    #expect(lines[13] == "     1 May         20 May")
    #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } })
  }

  @Test(
    "A sketch is no wider than its place, however many points there are",
    arguments: [0, 1, 3, 50, 5_000], [0, 1, 4, 64, 2_048])
  func widths(observed: Int, steps: Int) {
    for columns in [20, 80, 200] {
      let fan = (0..<steps).map { Quantiles([Double($0), -1e308, 1e308]) }
      let sketch = Sketch(
        history: (0..<observed).map(Double.init), fan: fan, columns: columns, isPlain: false)
      let lines = sketch.lines(from: "", to: "")
      #expect(lines.count == 15)
      #expect(lines.prefix(13).allSatisfy { $0.count <= columns })
    }
  }
}
