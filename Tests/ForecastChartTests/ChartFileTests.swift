import ForecastChart
import TestSupport
import Testing

@Suite struct ChartFileTests {
  private static let names = ["orders", "<b>&\"'", "]]></style><script>", "a\u{0}b\u{FFFF}", "\"\u{301}", "Größe 😀"]

  private func chart(_ name: String, history: [[HistoryPoint]] = []) -> FanChart {
    FanChart(
      FanChart.Content(
        name: name, predictFrom: 1_764_000_000, timestamps: [1_764_003_600, 1_764_007_200],
        quantiles: [Quantiles([1, 2, 3]), Quantiles([2, 3, 4])], paths: [[1, 2]], typical: [], count: 3,
        history: history))
  }

  @Test("A file is well-formed XML that needs nothing else, whatever its texts are", arguments: names)
  func wellFormed(name: String) {
    let panels = (0..<2).map { place in
      ChartFile.Panel(
        title: name, keys: [ChartFile.Key(style: "fan-line", label: name)],
        svg: chart(Markup.writable(name)).svg(id: "fan\(place)"))
    }
    let text = ChartFile(title: name, note: name, panels: panels).text
    let reader = XMLReader(text)
    #expect(reader.isWellFormed)
    #expect(Set(reader.elements) == ["svg", "title", "style", "rect", "text", "g", "path", "desc", "line"])
    #expect(!text.unicodeScalars.contains { $0.value < 0x0A || $0.value == 0xFFFF })
    #expect(!text.contains("url(") && !text.contains("@import") && !text.contains("href"))
  }

  @Test("What was observed is drawn in its runs, and the scale of time begins with it")
  func history() {
    let runs = [[(0, 1.0), (1, 2.0)], [(3, 3.0), (4, 4.0)]].map { run in
      run.map { HistoryPoint(timestamp: 1_764_000_000 + ($0 - 4) * 3_600, value: $1) }
    }
    let svg = chart("orders", history: runs).svg(id: "fan0")
    let paths = svg.matches(of: /class="fan-history" d="M(\d+) \d+l/).map { String($0.1) }
    // Of six hours the runs begin at the first and at the fourth.
    #expect(paths == ["0", "1000"])
    #expect(!chart("orders").svg(id: "fan0").contains("fan-history"))
  }

  @Test("A drawing of parts has a mark for each, a line for each forecaster, and a dot for a single part")
  func steps() {
    let chart = StepChart(
      name: "Scaled CRPS", parts: ["1", "2-4"],
      lines: [.init(style: "fan-line", values: [0.5, 1]), .init(style: "fan-typical", values: [nil, nil])])
    let svg = chart.svg(id: "crps")
    #expect(XMLReader(svg).isWellFormed)
    #expect(svg.contains("<path class=\"fan-line\" d=\"M500 500l1000-500\"/>"))
    #expect(svg.contains(">2-4</text>") && !svg.contains("fan-typical"))
    let single = StepChart(name: "a", parts: ["1"], lines: [.init(style: "fan-line", values: [2])]).svg(id: "a")
    #expect(single.contains("class=\"fan-line fan-dot\""))
  }
}
