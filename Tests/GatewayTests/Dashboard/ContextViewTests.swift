import ForecastChart
import Gateway
import SwiftProtobuf
import TemporisAPI
import Testing

/// The drawing of what the model reads.
@Suite struct ContextViewTests {
  private typealias Context = Temporis_Predict_V1_GetDataProfileContextResponse

  /// Points an hour apart, at hours that are counted from the first of them.
  private static func context(
    _ hours: [Int64], masked: [Range<Int64>] = [], values: [Double]? = nil, anchor: Int64? = nil
  ) -> Context {
    .with {
      $0.stepSeconds = 3_600
      $0.timestamps = hours.map { $0 * 3_600 }
      $0.anchor = (anchor ?? hours.last ?? 0) * 3_600
      $0.series = [
        .with {
          $0.name = "orders"
          $0.values = values ?? hours.map(Double.init)
        }
      ]
      $0.maskedSpans = masked.map { span in
        .with {
          $0.startTimestamp = span.lowerBound * 3_600
          $0.endTimestamp = span.upperBound * 3_600
        }
      }
    }
  }

  private static func chart(_ context: Context) -> ContextChart {
    let values = context.series[0].values
    return ContextChart(
      ContextChart.Content(
        name: "orders", points: zip(context.timestamps, values).map { HistoryPoint(timestamp: $0, value: $1) },
        filled: context.series[0].filled.map { Int($0) }, shades: ContextChart.Shades(context)))
  }

  @Test("Masked time is no gap, and what is missing beside it is")
  func gaps() {
    // Hours 2 to 4 are masked; between 6 and 9 two points are missing.
    let shades = ContextChart.Shades(Self.context([0, 1, 5, 6, 9], masked: [2..<5]))
    #expect(shades.masked == [2 * 3_600..<5 * 3_600])
    #expect(shades.gaps == [6 * 3_600..<9 * 3_600])
    // One of the points between is not masked.
    #expect(ContextChart.Shades(Self.context([0, 1, 5], masked: [2..<4])).gaps == [3_600..<5 * 3_600])
    // The stretch begins and ends between points.
    let between = Self.context([0, 1, 5]).with(spans: [(3_601, 5 * 3_600 - 1)])
    #expect(ContextChart.Shades(between).gaps.isEmpty)
  }

  @Test("Newer points that the join has dropped are a gap at the end")
  func newest() {
    let shades = ContextChart.Shades(Self.context([0, 1, 2], anchor: 5))
    #expect(shades.gaps == [2 * 3_600..<5 * 3_600] && shades.end == 5 * 3_600)
  }

  @Test("Its line ends where points are missing; filled values are marked")
  func lines() {
    var context = Self.context([0, 1, 2, 5, 6], values: [1, 1, 2, 3, 4])
    context.series[0].filled = [1]
    let svg = Self.chart(context).svg(id: "context0")
    #expect(svg.matches(of: /<path class="context-line"/).count == 2)
    #expect(svg.matches(of: /<path class="context-gap"/).count == 1)
    #expect(svg.matches(of: /<path class="context-fill" d="M-?\d+ -?\d+l0 0"/).count == 1)
    #expect(svg.contains("role=\"img\" aria-labelledby=\"context0-title context0-text\""))
    #expect(svg.contains("5 points from 1.0") && svg.contains("1 of them filled, in 2 stretches."))
  }

  @Test(
    "It holds no number that is none, whatever the values",
    arguments: [
      [5], [0, 0], [1e308, -1.7e308, 1.7e308], [.leastNonzeroMagnitude, 0], [-5, -7], [1e9, 1e9 + 1e-6],
    ] as [[Double]])
  func anyValues(values: [Double]) {
    let svg = Self.chart(Self.context(Array(0..<Int64(values.count)), values: values)).svg(id: "context0")
    #expect(!svg.lowercased().contains("nan") && !svg.contains("inf"))
    #expect(svg.contains("context-line"))
  }

  @Test("The numbers stand in one line, the join among them where there is one")
  func numbers() {
    var context = Context.hourly(["orders"], count: 70)
    context.maskedPoints = 1_234
    #expect(
      ContextView(context).numbers == "70 points of at most 512, a forecast needs 64 · 1 value filled · "
        + "10 dropped in gaps · 1,234 masked")
    var joined = Context.hourly(["a", "b"], count: 70)
    joined.unjoinedPoints = 3
    #expect(ContextView(joined).numbers.contains("2 values filled · 10 dropped in gaps · 3 dropped by the join · 0"))
  }

  @Test("So many series and points are drawn that the page stays small, and what is left out is said")
  func bounds() {
    var wide = Context.hourly((0..<64).map { "s\($0)" }, count: 512)
    wide.contextPoints = 8_192
    let view = ContextView(wide)
    #expect(view.charts.count == 4 && view.charts.map(\.svg.utf8.count).reduce(0, +) < 32 << 10)
    #expect(view.omissions == "Drawn are the first 4 of 64 series. Drawn are the newest 512 points.")
    let empty = ContextView(.with { $0.series = [.with { $0.name = "orders" }] })
    #expect(empty.charts.isEmpty && empty.omissions == nil && !empty.hasGaps)
    // What no service of ours answers is not drawn.
    var broken = Context.hourly(["orders"], count: 3)
    broken.series[0].values = [1]
    #expect(ContextView(broken).charts.isEmpty)
    broken.series[0].values = [1, .nan, 2]
    #expect(ContextView(broken).charts.isEmpty)
    broken.series[0].values = [1, 2, 3]
    broken.series[0].filled = [-1, 3, .max]
    #expect(ContextView(broken).charts.count == 1)
  }
}

extension Temporis_Predict_V1_GetDataProfileContextResponse {
  fileprivate func with(spans: [(Int64, Int64)]) -> Self {
    var context = self
    context.maskedSpans = spans.map { start, end in
      .with {
        $0.startTimestamp = start
        $0.endTimestamp = end
      }
    }
    return context
  }
}
