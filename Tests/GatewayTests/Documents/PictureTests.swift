import ForecastChart
import Foundation
import SystemSupport
import Testing

/// The picture on the README's first screen: the dashboard's chart of an answer to the README's request.
@Suite struct PictureTests {
  /// Beside this file, from `temporis up`, with a `count` of 20, rounded.
  private struct Answer: Decodable {
    struct Prediction: Decodable {
      let loss: Double
      let data: [[String: Double]]
    }

    let predictFrom: Int64
    let predictions: [Prediction]
  }

  private static let path = ".github/forecast.svg"

  /// Set `TEMPORIS_WRITE_PICTURE` to write the picture instead of comparing it.
  @Test("The README's picture is what the dashboard draws") func picture() throws {
    let picture = try draw("orders")
    if ProcessInfo.processInfo.environment["TEMPORIS_WRITE_PICTURE"] != nil {
      try Data(picture.utf8).write(to: URL(filePath: Readme.root + "/" + Self.path))
    }
    #expect(try Readme.text(of: Self.path) == picture)
    #expect(try Readme.text(of: "README.md").contains("](\(Self.path))"))
  }

  private func draw(_ series: String) throws -> String {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let text = try Readme.text(of: "Tests/GatewayTests/Documents/answer.json")
    let answer = try decoder.decode(Answer.self, from: Data(text.utf8))
    let paths = try answer.predictions.map { try $0.data.map { try #require($0[series]) } }
    let losses = answer.predictions.map(\.loss)
    let typical = try #require(losses.indices.min { losses[$0] < losses[$1] })
    let timestamps = try #require(answer.predictions.first).data.compactMap { $0["timestamp"].map { Int64($0) } }
    let chart = FanChart(
      FanChart.Content(
        name: series, predictFrom: answer.predictFrom, timestamps: timestamps,
        quantiles: timestamps.indices.map { row in Quantiles(paths.map { $0[row] }) }, paths: paths,
        typical: paths[typical], count: paths.count))
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 300">
      <style>
      \(try style())
      </style>
      <rect width="800" height="300" rx="8" style="fill:var(--panel);stroke:none"/>
      <svg x="56" y="16" width="724" height="248" overflow="visible">
      \(chart.svg(id: "fan"))
      </svg>
      </svg>

      """
  }

  /// The dashboard's colours and its rules for charts.
  private func style() throws -> String {
    try Readme.text(of: "Sources/Gateway/Resources/Assets/dashboard.css").split(separator: "\n")
      .filter { line in [":root{", "@media (prefers-color-scheme", "svg{", ".fan"].contains { line.hasPrefix($0) } }
      .joined(separator: "\n")
  }
}
