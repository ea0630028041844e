import ForecastChart
import TestSupport
import Testing

@Suite struct FanChartTests {
  /// A chart of trajectories.
  private func chart(
    _ paths: [[Double]], name: String = "orders", timestamps: [Int64]? = nil, drawn: Int = 20
  ) -> FanChart {
    let steps = paths[0].count
    return FanChart(
      FanChart.Content(
        name: name, predictFrom: 1_764_000_000,
        timestamps: timestamps ?? (1...Int64(steps)).map { 1_764_000_000 + $0 * 3_600 },
        quantiles: (0..<steps).map { row in Quantiles(paths.map { $0[row] }) }, paths: Array(paths.prefix(drawn)),
        typical: paths[0], count: paths.count))
  }

  /// Whether a text is well-formed XML without a number that is none.
  private func check(_ svg: String, _ comment: Comment) {
    let parser = XMLReader(svg)
    #expect(parser.isWellFormed, comment)
    for path in parser.attributes["d", default: []] {
      #expect(path.wholeMatch(of: /M-?\d+ -?\d+l(-?\d+[ ]?)+z?/) != nil, "\(comment): \(path)")
    }
    for name in ["x", "y", "x1", "x2", "y1", "y2"] {
      for value in parser.attributes[name, default: []] {
        #expect(value.wholeMatch(of: /-?\d+(\.\d+)?%?/) != nil, "\(comment): \(name)=\(value)")
      }
    }
    #expect(parser.attributes["style"] == nil, comment)
  }

  private static let series: [(String, [[Double]])] = [
    ("one step", [[1], [2], [3]]), ("one trajectory", [[1, 2, 3]]), ("one of each", [[5]]),
    ("constant", [[5, 5, 5], [5, 5, 5]]), ("zero", [[0, 0], [0, 0]]),
    ("huge", [[1e308, -1.7e308], [1.7e308, 1e300]]),
    ("tiny", [[.leastNonzeroMagnitude, .leastNonzeroMagnitude * 2_000], [0, .leastNormalMagnitude / 100]]),
    ("negative", [[-5, -7, -6], [-4, -9, -1]]),
    ("nearly constant", [[1e9, 1e9 + 1e-6], [1e9 + 2e-6, 1e9]]), ("mixed", [[1e-300, 1e300], [-1e300, 0]]),
    ("a wild one", [[1, 2]] + Array(repeating: [1, 2], count: 30) + [[1, 1e307]]),
  ]

  @Test("A chart holds no number that is none, whatever the values", arguments: series.indices)
  func anyValues(index: Int) {
    let (name, paths) = Self.series[index]
    let svg = chart(paths).svg(id: "fan0")
    check(svg, "\(name)")
    #expect(!svg.lowercased().contains("nan") && !svg.contains("inf"))
    #expect(svg.contains("class=\"fan-line"))
  }

  @Test("Nor does one of instants at the end of time")
  func anyInstants() {
    for timestamps in [[253_402_300_799, 253_402_304_399], [Int64.max - 1, .max], [0, 1]] as [[Int64]] {
      check(chart([[1, 2], [2, 3]], timestamps: timestamps).svg(id: "fan0"), "\(timestamps)")
    }
    check(chart([[1]], timestamps: [.max]).svg(id: "fan0"), "one")
  }

  @Test(
    "The name of a series is text in it, whatever it is",
    arguments: [
      "<script>alert(1)</script>", "\"'&<>", "</title></svg>", "\"\u{301}", "\u{202E}orders", "]]>", "Größe 😀",
    ])
  func names(name: String) {
    let reader = XMLReader(chart([[1, 2], [2, 3]], name: name).svg(id: "fan0"))
    #expect(reader.isWellFormed)
    #expect(Set(reader.elements) == ["svg", "title", "desc", "g", "line", "text", "path"])
    #expect(reader.text.contains(name))
  }

  @Test("It is drawn in the order of band, trajectories, the most typical one and the median")
  func order() {
    let svg = chart([[1, 2], [2, 3], [3, 4]]).svg(id: "fan0")
    let classes = svg.matches(of: /<path class="([^"]*)"/).map { String($0.1) }
    #expect(classes == ["fan-band", "fan-path", "fan-path", "fan-path", "fan-typical", "fan-line"])
  }

  @Test("The median runs through the middle of the axis where values are symmetric about it")
  func geometry() {
    // p10 0, median 50, p90 100 at both of two steps; the scale is 0 to 100, the steps lie in the middle and at
    // the end.
    let paths = [0.0, 0, 50, 100, 100].map { [$0, $0] }
    let svg = chart(paths, drawn: 0).svg(id: "fan0")
    #expect(svg.contains("<path class=\"fan-line\" d=\"M1000 500l1000 0\"/>"))
    #expect(svg.contains("<path class=\"fan-band\" d=\"M1000 0l1000 0 0 1000-1000 0z\"/>"))
  }

  @Test("History stands before the forecast, in a line for each stretch, and never flattens it to nothing")
  func history() {
    let paths = [0.0, 0, 50, 100, 100].map { [$0, $0] }
    func chart(_ history: [[HistoryPoint]]) -> String {
      FanChart(
        FanChart.Content(
          name: "orders", predictFrom: 1_764_000_000, timestamps: [1_764_003_600, 1_764_007_200],
          quantiles: (0..<2).map { row in Quantiles(paths.map { $0[row] }) }, paths: [], typical: paths[0], count: 5,
          history: history)
      ).svg(id: "fan0")
    }
    let line = (0...2).map { HistoryPoint(timestamp: 1_764_000_000 - Int64(2 - $0) * 3_600, value: 50) }
    let svg = chart([line])
    // Half of the drawing is history now.
    #expect(svg.contains("<path class=\"fan-history\" d=\"M0 500l500 0 500 0\"/>"))
    #expect(svg.contains("<path class=\"fan-line\" d=\"M1500 500l500 0\"/>"))
    #expect(svg.contains("<line class=\"fan-now\" x1=\"50%\" x2=\"50%\" y2=\"100%\"/>"))
    check(svg, "history")
    #expect(chart([[line[0]], [line[2]], []]).matches(of: /fan-history/).count == 2)
    for value in [1e308, -1e308, .leastNonzeroMagnitude] {
      let svg = chart([[HistoryPoint(timestamp: 1_763_990_000, value: value)]])
      check(svg, "\(value)")
      // The band of 0 to 100 takes half of the height at least.
      let band = svg.firstMatch(of: /fan-band" d="M\d+ (\d+)l\d+ 0 0 (\d+)/)
      #expect(band.flatMap { Int($0.2) } ?? 0 >= 500, "\(value)")
    }
    #expect(!chart([]).contains("fan-now"))
  }

  @Test("It says what it shows to who cannot see it")
  func description() {
    let paths = [0.0, 0, 50, 100, 100].map { [$0, $0 + 10] }
    let text = chart(paths).description
    #expect(
      text == "From 24 Nov 2025, 16:00 to 24 Nov 2025, 18:00 UTC: the median goes from 50.0 to 60.0; at the end, 80 % "
        + "of 5 trajectories lie between 10.0 and 110.0.")
    let svg = chart(paths).svg(id: "fan3")
    #expect(svg.contains("role=\"img\" aria-labelledby=\"fan3-title fan3-text\""))
    #expect(svg.contains("<title id=\"fan3-title\">Forecast of orders</title>"))
    #expect(svg.contains("<desc id=\"fan3-text\">\(text)</desc>"))
  }
}
