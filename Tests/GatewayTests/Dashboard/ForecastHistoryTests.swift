import Gateway
import Hummingbird
import HummingbirdTesting
import InMemoryLogging
import Logging
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing

/// The history before the fan of a forecast.
@Suite struct ForecastHistoryTests {
  private static let steps = 64

  /// A prediction of a constant, from 1_700_000_000 on.
  private static let parts: [Temporis_Predict_V1_PredictResponse] = {
    let timestamps = (1...Int64(steps)).map { 1_700_000_000 + $0 * 3_600 }
    let path = Temporis_Predict_V1_PredictResponse.trajectory(loss: 1, Array(repeating: 50, count: steps))
    return [.header(names: ["orders"], timestamps: timestamps), path, path, path]
  }()

  /// Draws a forecast of three trajectories.
  private func draw(
    _ dashboard: TestDashboard, profile: String = "hourly_orders"
  ) async throws -> TestResponse {
    let form = try await dashboard.open("/dashboard/forecast")
    let key = String(try #require(form.text.firstMatch(of: /name="key" value="([^"]*)"/)).1)
    return try await dashboard.submit(
      "/dashboard/forecast",
      ["key": key, "profile": profile, "count": "3", "temperature": "1.0", "top_p": "0.9"])
  }

  private func lineCount(_ page: TestResponse) -> Int {
    page.text.matches(of: /<path class="fan-history"/).count
  }

  @Test("The tail of the history is drawn before the fan, with a break at each gap, and explained")
  func drawn() async throws {
    try await TestDashboard.with(predictions: FakePredictionClient(Self.parts)) { dashboard in
      try await dashboard.fill(with: "orders")
      let page = try await draw(dashboard)
      #expect(page.isPage(200) && lineCount(page) == 2)
      #expect(page.text.contains("<line class=\"fan-now\"") && page.text.contains("What it continues"))
      #expect(!page.text.contains("the drawing begins at the last observation"))
      #expect(dashboard.services.with { $0.contextLimits } == [Int32(Self.steps)])
      #expect(page.text.matches(of: /<tr><th scope=row>/).count == Self.steps, "the table is the forecast's")
    }
  }

  @Test("Without history the forecast is drawn as it is, and the log says why")
  func failed() async throws {
    var handler = InMemoryLogHandler()
    handler.logLevel = .info
    let logger = Logger(label: "test") { [handler] _ in handler }
    let faults: [any Error & Sendable] = [ServiceError(.unavailable), ServiceError(.engineBusy), Fault()]
    for fault in faults {
      try await TestDashboard.with(predictions: FakePredictionClient(Self.parts), logger: logger) { dashboard in
        try await dashboard.fill(with: "orders")
        dashboard.services.with { $0.refusals["GetDataProfileContext"] = fault }
        let page = try await draw(dashboard)
        #expect(page.isPage(200) && lineCount(page) == 0)
        #expect(page.text.contains("the drawing begins at the last observation"))
        #expect(!page.text.contains("<line class=\"fan-now\""))
      }
    }
    let lines = handler.entries.filter { $0.message.description == "A forecast is drawn without its history" }
    #expect(lines.count == faults.count && lines.allSatisfy { $0.metadata["error"] != nil })
  }

  @Test("The rows of a public profile are the operator's: none are asked for")
  func publicProfile() async throws {
    try await TestDashboard.with(predictions: FakePredictionClient(Self.parts)) { dashboard in
      try await dashboard.fill(with: "orders")
      let page = try await draw(dashboard, profile: "temporis/demo_hourly")
      #expect(page.isPage(200) && lineCount(page) == 0)
      #expect(dashboard.services.with { $0.contextLimits }.isEmpty)
    }
  }

  @Test("What came after the forecast, and what other series have, is no history of it")
  func later() async throws {
    try await TestDashboard.with(predictions: FakePredictionClient(Self.parts)) { dashboard in
      try await dashboard.fill(with: "orders")
      dashboard.services.with { $0.context = .hourly(["orders"], count: 10, until: 1_700_000_000 + 100 * 3_600) }
      let older = try await draw(dashboard)
      #expect(older.isPage(200) && lineCount(older) == 0)
      dashboard.services.with { $0.context = .hourly(["visits"], count: 10) }
      let other = try await draw(dashboard)
      #expect(other.isPage(200) && lineCount(other) == 0)
    }
  }

  private struct Fault: Error {}
}
