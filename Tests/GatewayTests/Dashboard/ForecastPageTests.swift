import Gateway
import Hummingbird
import HummingbirdTesting
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing

@Suite struct ForecastPageTests {
  private static let path = "/dashboard/forecast"

  /// A prediction of straight lines.
  private static func parts(
    names: [String] = ["orders"], steps: Int = 64, count: Int = 100, value: (Int, Int, Int) -> Double = { _, _, _ in 1 }
  ) -> [Temporis_Predict_V1_PredictResponse] {
    var header = Temporis_Predict_V1_PredictResponse.header(
      names: names, timestamps: (1...Int64(steps)).map { 1_700_000_000 + $0 * 3_600 })
    header.header.modelTokens = Int64(count * steps * names.count)
    header.header.priceNanoDollars = 20
    header.header.nanoDollars = header.header.modelTokens * 20
    return [header]
      + (0..<count).map { trajectory in
        .trajectory(
          loss: trajectory == 2 ? 1 : 2,
          (0..<steps).flatMap { step in names.indices.map { value(trajectory, step, $0) } })
      }
  }

  private func key(_ page: TestResponse) throws -> String {
    String(try #require(page.text.firstMatch(of: /name="key" value="([^"]*)"/)).1)
  }

  /// Opens the form and sends it.
  private func draw(
    _ dashboard: TestDashboard, count: String = "100", profile: String = "hourly_orders",
    publicProfile: String = "", first: String = ""
  ) async throws -> TestResponse {
    let key = try key(try await dashboard.open(Self.path))
    return try await dashboard.submit(
      Self.path,
      [
        "key": key, "profile": profile, "public_profile": publicProfile, "count": count, "temperature": "1.0",
        "top_p": "0.9", "first": first,
      ])
  }

  @Test("The form offers the profiles that are ready and says what a forecast will cost")
  func form() async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "orders")
      dashboard.services.with { state in
        state.priceNanoDollars = 50
        var other = state.profiles[0]
        other.name = "later"
        other.ready = false
        state.profiles.append(other)
      }
      let page = try await dashboard.open(Self.path)
      #expect(page.isPage(200))
      #expect(page.text.contains("<option value=\"hourly_orders\" data-tokens=\"64\" selected>"))
      #expect(page.text.firstMatch(of: /value="later" data-tokens="64" disabled>later \(not ready\)/) != nil)
      #expect(page.text.contains("6,400 model tokens, $0.00032"))
      dashboard.services.with { $0.priceNanoDollars = 20 }
      let cheaper = try await dashboard.open(Self.path + "?profile=hourly_orders&count=1000")
      #expect(cheaper.text.contains("64,000 model tokens, $0.00128"))
    }
  }

  @Test("Whoever has no profile, or none that is ready, is sent where that can be changed")
  func nothingReady() async throws {
    try await TestDashboard.with { dashboard in
      let empty = try await dashboard.open(Self.path)
      #expect(empty.isPage(200) && empty.text.contains("href=\"/dashboard/new-profile\""))
      try await dashboard.fill(with: "orders")
      dashboard.services.with { $0.profiles[0].ready = false }
      let unready = try await dashboard.open(Self.path)
      #expect(unready.isPage(200) && unready.text.contains("See what is missing"))
    }
  }

  @Test("Public profiles can be chosen from the list, each with its cost")
  func publicChoice() async throws {
    try await TestDashboard.with(predictions: FakePredictionClient(Self.parts(count: 3))) { dashboard in
      try await dashboard.fill(with: "orders")
      dashboard.services.with { $0.profiles = [] }
      let page = try await dashboard.open(Self.path + "?profile=temporis%2Fdemo_hourly&count=10")
      #expect(page.text.contains("<option value=\"temporis/demo_hourly\" data-tokens=\"64\" selected>"))
      #expect(page.text.contains("640 model tokens") && page.text.contains("You have no data profile yet"))
      let drawn = try await draw(dashboard, count: "3", profile: "temporis/demo_hourly")
      #expect(drawn.isPage(200))
      #expect(dashboard.predictions.calls.first?.request.dataProfile == "temporis/demo_hourly")
      // One that the list does not hold stays typed.
      let typed = try await dashboard.open(Self.path + "?profile=temporis%2Fother")
      #expect(typed.text.contains("value=\"temporis/other\""))
    }
  }

  @Test("The cost of what was typed can be asked for without a prediction")
  func estimate() async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "orders")
      let key = try key(try await dashboard.open(Self.path))
      let page = try await dashboard.submit(
        Self.path,
        ["key": key, "profile": "hourly_orders", "count": "7", "temperature": "0.5", "top_p": "1", "estimate": "1"])
      #expect(page.isPage(200) && page.text.contains("448 model tokens"))
      #expect(page.text.contains("name=\"temperature\" type=\"text\" value=\"0.5\""))
      #expect(dashboard.predictions.calls.isEmpty)
    }
  }

  @Test("A forecast is drawn with the session, and shown with its drawing, table, cost and call")
  func answer() async throws {
    let predictions = FakePredictionClient(
      Self.parts(count: 3) { trajectory, step, _ in Double(trajectory * 100 + step) })
    try await TestDashboard.with(predictions: predictions) { dashboard in
      try await dashboard.fill(with: "orders")
      let page = try await draw(dashboard, count: "3")
      #expect(page.isPage(200))
      let call = try #require(predictions.calls.first)
      #expect(predictions.calls.count == 1 && call.authorization == "Bearer " + dashboard.services.session)
      #expect(call.request.dataProfile == "hourly_orders" && call.request.count == 3)
      #expect(call.request.temperature == 1 && call.request.topP == 0.9 && !call.request.idempotencyKey.isEmpty)
      // Of 0, 100 and 200: 20, 100, 180; and the third has the least loss.
      #expect(page.text.contains("<tr><th scope=row>14 Nov 2023, 23:13:20<td>20.0<td>100.0<td>180.0<td>200.0"))
      #expect(page.text.matches(of: /<tr><th scope=row>/).count == 64)
      #expect(page.text.matches(of: /<svg class="fan"/).count == 1)
      #expect(page.text.contains("No. 3, with the least loss"))
      #expect(page.text.contains("<dd>$0.00000384</dd>") && page.text.contains("<dd>192</dd>"))
      #expect(
        page.text.contains("curl http://localhost/v1/predict -H &quot;Authorization: Bearer $TEMPORIS_TOKEN&quot;"))
      #expect(!page.text.contains("tss_"))
    }
  }

  @Test("Reloading the answer, or sending the form from the history, asks with the same key; other parameters do not")
  func reload() async throws {
    let predictions = FakePredictionClient(Self.parts(count: 3))
    try await TestDashboard.with(predictions: predictions) { dashboard in
      try await dashboard.fill(with: "orders")
      let key = try key(try await dashboard.open(Self.path))
      for temperature in ["1.0", "1", "2"] {
        let page = try await dashboard.submit(
          Self.path,
          ["key": key, "profile": "hourly_orders", "count": "3", "temperature": temperature, "top_p": "1"])
        #expect(page.isPage(200))
      }
      let keys = predictions.calls.map(\.request.idempotencyKey)
      #expect(keys[0] == keys[1] && keys[1] != keys[2])
    }
  }

  @Test("A form that is a day old or none of ours draws nothing", arguments: ["", "x", "1000-0123456789012345678901"])
  func stale(key: String) async throws {
    let predictions = FakePredictionClient(Self.parts())
    try await TestDashboard.with(predictions: predictions) { dashboard in
      try await dashboard.fill(with: "orders")
      let page = try await dashboard.submit(
        Self.path, ["key": key, "profile": "hourly_orders", "count": "100", "temperature": "1", "top_p": "1"])
      #expect(page.isPage(409) && predictions.calls.isEmpty)
      #expect(try self.key(page) != key)
    }
  }

  @Test("Mistakes come back beside their fields with everything typed")
  func mistakes() async throws {
    try await TestDashboard.with { dashboard in
      try await dashboard.fill(with: "orders")
      let page = try await draw(dashboard, count: "<script>", publicProfile: "weather")
      #expect(page.isPage(422) && dashboard.predictions.calls.isEmpty)
      #expect(page.text.contains("id=\"count-error\"") && page.text.contains("id=\"public_profile-error\""))
      #expect(page.text.contains("value=\"&lt;script&gt;\"") && page.text.contains("value=\"weather\""))
    }
  }

  @Test(
    "Every refusal is said in words, with the way out",
    arguments: [
      (.cardMissing, 402, "/dashboard/billing"), (.paymentFailed, 402, "/dashboard/billing"),
      (.dataProfileNotReady, 404, "It needs 64 grid points"), (.dataProfileNotReady, 404, "/dashboard/profiles/hourly"),
      (.notEnoughData, 409, "at least 64 recent grid points"), (.notEnoughData, 409, "/dashboard/profiles/hourly"),
      (.dataProfileNotFound, 404, "id=\"profile-error\""), (.engineBusy, 429, "Try again in 3 seconds"),
      (.rateLimited, 429, "nothing was charged"), (.invalidPredictionParameters, 422, "Invalid prediction parameters."),
      (.idempotencyKeyReused, 409, "too old"), (.unavailable, 502, "charged once at most"),
    ] as [(ServiceError.Reason, Int, String)])
  func refusals(reason: ServiceError.Reason, status: Int, text: String) async throws {
    let predictions = FakePredictionClient { throw ServiceError(reason, retryAfter: .seconds(3)) }
    try await TestDashboard.with(predictions: predictions) { dashboard in
      try await dashboard.fill(with: "orders")
      let page = try await draw(dashboard, count: "77")
      #expect(page.isPage(status))
      #expect(page.text.contains(text))
      #expect(page.text.contains("value=\"77\"") && page.text.contains("role=\"alert\""))
    }
  }

  @Test("A parameter that the service refuses is said beside its field, and a limit as the service words it")
  func refusedParameters() async throws {
    let limit = "count x horizon x series exceeds 16777216 values."
    for (refusal, text) in [
      (ServiceError(.invalidPredictionParameters, limit), limit.prefix(1).uppercased() + limit.dropFirst()),
      (
        ServiceError(
          .invalidPredictionParameters, violations: [FieldViolation(field: "top_p", rule: "must be 0 to 1")]),
        "id=\"top_p-error\">Must be 0 to 1."
      ),
    ] {
      let predictions = FakePredictionClient { throw refusal }
      try await TestDashboard.with(predictions: predictions) { dashboard in
        try await dashboard.fill(with: "orders")
        let page = try await draw(dashboard)
        #expect(page.isPage(422) && page.text.contains(text))
      }
    }
  }

  @Test("A session that has ended is sent to sign in")
  func signedOut() async throws {
    let predictions = FakePredictionClient { throw ServiceError(.accessTokenInvalid) }
    try await TestDashboard.with(predictions: predictions) { dashboard in
      try await dashboard.fill(with: "orders")
      let answer = try await draw(dashboard)
      #expect(answer.redirects(to: "/dashboard/sign-in", notice: "form-ignored"))
    }
  }

  @Test("A prediction that is none is a fault, and the form comes back to be sent again")
  func faults() async throws {
    struct Fault: Error {}
    let header = Temporis_Predict_V1_PredictResponse.header(names: ["a"], timestamps: [1])
    let broken: [[Temporis_Predict_V1_PredictResponse]] = [
      [], [header], [header, header], [.trajectory(loss: 1, [1])], [header, .trajectory(loss: .nan, [1])],
      [header, .trajectory(loss: 1, [.infinity])], [header, .trajectory(loss: 1, [1, 2])],
      [header, .trajectory(loss: 1, [1]), .trajectory(loss: 1, [1])], [.header(names: [], timestamps: [])],
    ]
    for parts in broken {
      try await TestDashboard.with(predictions: FakePredictionClient(parts)) { dashboard in
        try await dashboard.fill(with: "orders")
        let page = try await draw(dashboard, count: "1")
        #expect(page.isPage(502) && page.text.contains("charged once at most"))
      }
    }
    try await TestDashboard.with(predictions: FakePredictionClient(Self.parts()) { throw Fault() }) { dashboard in
      let answer = try await draw(dashboard)
      #expect(answer.isPage(502))
    }
  }

  @Test("A public profile is drawn by its name")
  func publicProfile() async throws {
    let predictions = FakePredictionClient(Self.parts(count: 1))
    try await TestDashboard.with(predictions: predictions) { dashboard in
      let page = try await draw(dashboard, count: "1", profile: "", publicProfile: "temporis/weather")
      #expect(page.isPage(200) && predictions.calls.first?.request.dataProfile == "temporis/weather")
    }
  }

  @Test(
    "The page stays under 100 KiB and says what is not on it",
    arguments: [(64, 64, 1_000), (64, 2_048, 20), (1, 2_048, 200), (6, 64, 1_000), (6, 42, 100), (1, 192, 100)])
  func size(series: Int, steps: Int, count: Int) async throws {
    let names = (0..<series).map { "<script>\($0)</script>" + String(repeating: "\"", count: 200) }
    let parts = Self.parts(names: names, steps: steps, count: count) { trajectory, step, series in
      Double((trajectory * 7_919 + step * 104_729 + series * 1_299_709) % 100_003) * 12.345 - 400_000
    }
    let predictions = FakePredictionClient(parts)
    try await TestDashboard.with(predictions: predictions) { dashboard in
      try await dashboard.fill(with: "orders")
      let page = try await draw(dashboard, count: String(count))
      #expect(page.isPage(200))
      let script = try #require(page.text.firstMatch(of: /<script src="([^"]*)"/)).1
      let all = page.body.readableBytes + (try await dashboard.open(String(script))).body.readableBytes
      #expect(all < 100 << 10, "\(all)")
      #expect(!page.text.contains("<script>0") && !page.text.contains("NaN") && !page.text.contains("inf\""))
      let isWhole = series * steps <= 256 && steps <= 192 && series <= 6
      #expect(page.text.contains("The API answers with every row of every series.") == !isWhole)
      if steps > 192 { #expect(page.text.contains("one in")) }
      if series == 64 {
        let shown = page.text.matches(of: /<svg class="fan"/).count
        let next = try await draw(dashboard, count: String(count), first: String(shown))
        #expect(next.text.contains("This page shows series \(shown + 1) to \(2 * shown) of 64."))
      }
    }
  }
}
