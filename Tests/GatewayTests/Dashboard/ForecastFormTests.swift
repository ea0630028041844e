import Gateway
import Testing

@Suite struct ForecastFormTests {
  private func form(_ text: String) throws -> ForecastForm {
    ForecastForm(try FormFields(encoded: text))
  }

  private func errors(_ text: String) throws -> [ForecastForm.Field: String] {
    if case .errors(let errors) = try form(text).parsed { errors } else { [:] }
  }

  @Test("A form that is complete is what it says")
  func complete() throws {
    guard
      case .parameters(let parameters) = try form("profile=visits&count=%20250&temperature=0.5&top_p=1e-1").parsed
    else { throw Unexpected() }
    #expect(parameters == ForecastParameters(dataProfile: "visits", count: 250, temperature: 0.5, topP: 0.1))
  }

  @Test("What is absent has its default; the profile has none")
  func defaults() throws {
    let form = try form("")
    #expect(ForecastForm.Field.allCases.map { form[$0] } == ["", "", "100", "1.0", "1.0"])
    #expect(try errors("").keys.map(\.rawValue) == ["profile"])
  }

  @Test("A public profile is meant where one is named, in the form or in the address")
  func publicProfiles() throws {
    #expect(try form("profile=visits&public_profile=temporis%2Fweather").dataProfile == "temporis/weather")
    #expect(try form("profile=temporis%2Fweather")[.publicProfile] == "temporis/weather")
    #expect(try errors("profile=visits&public_profile=weather").keys.map(\.rawValue) == ["public_profile"])
  }

  @Test(
    "What no prediction could be asked with is said beside its field",
    arguments: [
      ("count=0", "count"), ("count=1001", "count"), ("count=", "count"), ("count=-5", "count"), ("count=5.5", "count"),
      ("count=99999999999999999999", "count"), ("count=%D9%A5", "count"), ("count=%3Cscript%3E", "count"),
      ("temperature=0", "temperature"), ("temperature=-1", "temperature"), ("temperature=nan", "temperature"),
      ("temperature=inf", "temperature"), ("temperature=1e999", "temperature"), ("temperature=0x1p3", "temperature"),
      ("temperature=1,5", "temperature"), ("temperature=", "temperature"), ("top_p=1.01", "top_p"),
      ("top_p=-0.1", "top_p"), ("top_p=x", "top_p"),
    ])
  func refused(text: String, field: String) throws {
    #expect(try errors("profile=visits&" + text).keys.map(\.rawValue) == [field])
  }

  @Test("Every mistake is said at once, and everything typed is kept")
  func several() throws {
    let text = "profile=visits&count=many&temperature=warm&top_p=most"
    #expect(try errors(text).count == 3)
    let form = try form(text)
    #expect(form[.count] == "many" && form[.temperature] == "warm" && form[.topP] == "most")
    #expect(form.path == "/dashboard/forecast?profile=visits&count=many&temperature=warm&top_p=most")
  }

  @Test("The same form with the same parameters has one idempotency key, and any other another")
  func keys() throws {
    let key = ForecastKey(now: 1_764_000_000)
    let again = try #require(ForecastKey(key.description))
    let parameters = ForecastParameters(dataProfile: "visits", count: 5, temperature: 1, topP: 0.9)
    #expect(again == key && again.idempotencyKey(parameters) == key.idempotencyKey(parameters))
    let others = [
      ForecastParameters(dataProfile: "visit", count: 5, temperature: 1, topP: 0.9),
      ForecastParameters(dataProfile: "visits", count: 6, temperature: 1, topP: 0.9),
      ForecastParameters(dataProfile: "visits", count: 5, temperature: 1.5, topP: 0.9),
      ForecastParameters(dataProfile: "visits", count: 5, temperature: 1, topP: 1),
    ]
    let all =
      others.map(key.idempotencyKey) + [
        key.idempotencyKey(parameters), ForecastKey(now: 1_764_000_000).idempotencyKey(parameters),
      ]
    #expect(Set(all).count == all.count)
    #expect(all.allSatisfy { $0.utf8.count <= 255 && $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } })
  }

  @Test("A form is good for less than the day for which an answer is replayed")
  func expiry() {
    let key = ForecastKey(now: 1_764_000_000)
    #expect(!key.isExpired(now: 1_764_000_000) && !key.isExpired(now: 1_764_000_000 + 23 * 3_600 - 1))
    #expect(key.isExpired(now: 1_764_000_000 + 23 * 3_600))
    #expect(!key.isExpired(now: 1_764_000_000 - 60), "a replica's clock may be behind")
    #expect(key.isExpired(now: 1_764_000_000 - 3_600), "nobody issued it yet")
  }

  @Test(
    "What is no key is none",
    arguments: ["", "-", "1764000000", "1764000000-short", "x-0123456789012345678901", "-1-0123456789012345678901"])
  func malformedKeys(text: String) {
    #expect(ForecastKey(text) == nil)
  }

  @Test(
    "A page shows so many series and rows that it stays small",
    arguments: [(1, 1, 1), (1, 64, 100), (64, 64, 1_000), (64, 2_048, 1_000), (5, 192, 20), (3, 193, 7)])
  func scope(series: Int, rows: Int, trajectories: Int) {
    var shown: [Int] = []
    var first = 0
    while first < series {
      let scope = ForecastScope(seriesCount: series, rowCount: rows, trajectories: trajectories, first: first)
      #expect(scope.rows.count <= ForecastScope.rowLimit && scope.rows.last == rows - 1)
      #expect(scope.rows.count * scope.series.count <= 256 && scope.paths >= 1 && scope.paths <= trajectories)
      shown += scope.series
      first = scope.series.upperBound
    }
    #expect(shown == Array(0..<series), "every series is on one page")
    let beyond = ForecastScope(seriesCount: series, rowCount: rows, trajectories: trajectories, first: .max)
    #expect(beyond.series.upperBound == series)
    #expect(ForecastScope(seriesCount: series, rowCount: rows, trajectories: 1, first: .min).series.lowerBound == 0)
  }

  @Test("The cost is count × steps × series at the price, and never more than can be said")
  func cost() {
    let cost = ForecastCost(count: 100, tokensPerTrajectory: 64 * 3, price: 20)
    #expect(cost.tokens == 19_200 && cost.money.description == "$0.000384")
    #expect(ForecastCost(count: 1_000, tokensPerTrajectory: .max, price: 20).money.nanoDollars == .max)
  }

  private struct Unexpected: Error {}
}
