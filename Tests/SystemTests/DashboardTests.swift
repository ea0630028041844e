import SystemSupport
import Testing

/// The dashboard over the real services: what one account may see and do, and for how long.
@Suite struct DashboardTests {
  /// An account with one of everything.
  private func owner() async throws -> (customer: Customer, browser: Browser, token: Customer.Token) {
    let customer = try await Customer()
    try await customer.makeReadyProfile("my_hourly_orders", source: "my_store_metrics")
    let browser = try Browser(http: customer.http, session: customer.session)
    return (customer, browser, try await customer.makeToken("mine alone"))
  }

  @Test("Another account's things are in no page, and their names and ids open and change nothing")
  func isolation() async throws {
    let (customer, owner, token) = try await owner()
    let stranger = try await Browser()
    for path in [
      "/dashboard/tokens/\(token.id)", "/dashboard/tokens/\(token.id)/rotate", "/dashboard/tokens/\(token.id)/disable",
      "/dashboard/tokens/\(token.id)/delete", "/dashboard/sources/my_store_metrics",
      "/dashboard/profiles/my_hourly_orders",
      "/dashboard/profiles/my_hourly_orders/edit", "/dashboard/profiles/my_hourly_orders/delete",
      "/dashboard/sources/my_store_metrics/delete", "/dashboard/sources/my_store_metrics/delete-rows",
    ] {
      #expect(try await stranger.get(path).status == 404, "\(path)")
      #expect(try await owner.get(path).status == 200, "\(path)")
    }
    let profile = ["name": "theirs", "data_source": "my_store_metrics", "names": "orders", "interval": "3600"]
    for (path, form) in [
      ("/dashboard/tokens/\(token.id)/delete", [:]), ("/dashboard/tokens/\(token.id)/disable", [:]),
      ("/dashboard/tokens/\(token.id)/rotate", ["grace": "0"]), ("/dashboard/tokens/\(token.id)/rename", ["name": "x"]),
      ("/dashboard/tokens/\(token.id)/permissions", ["ingest": "1"]),
      ("/dashboard/sources/my_store_metrics/archive", [:]),
      ("/dashboard/sources/my_store_metrics/unarchive", [:]),
      ("/dashboard/sources/my_store_metrics/delete", ["force": "1"]),
      ("/dashboard/sources/my_store_metrics/delete-rows", [:]), ("/dashboard/profiles/my_hourly_orders/delete", [:]),
      ("/dashboard/profiles/my_hourly_orders/edit", profile), ("/dashboard/new-profile", profile),
    ] {
      let status = try await stranger.post(path, form).status
      #expect((400..<500).contains(status), "\(path): \(status)")
    }
    _ = try await stranger.post("/dashboard/billing/card", ["card": "pm_card_visa"])
    let form = try await stranger.get("/dashboard/forecast").body
    let key = String(try #require(form.firstMatch(of: /name="key" value="([^"]+)"/)).1)
    let forecast = try await stranger.post(
      "/dashboard/forecast",
      ["profile": "my_hourly_orders", "count": "5", "temperature": "1", "top_p": "1", "key": key])
    #expect(forecast.status == 404)
    for path in ["", "/tokens", "/sources", "/profiles", "/forecast", "/billing", "/activity", "/account"] {
      let page = try await stranger.get("/dashboard" + path)
      #expect(page.status == 200)
      for word in ["mine alone", "my_store_metrics", "my_hourly_orders"] {
        #expect(!page.body.contains(word), "\(path) shows \(word)")
      }
    }
    #expect(
      try await customer.http.predict(HTTP.prediction(profile: "my_hourly_orders"), token: token.token).status == 200)
    #expect(try await customer.usage().predictions == 1)
    #expect(try await owner.get("/dashboard/sources/my_store_metrics").body.contains("Open"))
  }

  @Test("Rows and sources are deleted after a page has said how much that is, and a profile without its series says so")
  func deletion() async throws {
    let (customer, owner, token) = try await owner()
    let source = "/dashboard/sources/my_store_metrics"
    try await customer.temporis(
      "ingest", "-", "--source", "my_store_metrics", input: "1750000000,returns,1\n1750003600,returns,2\n")
    let some = try await owner.get(source + "/delete-rows?series=returns&start=2025-06-15T16%3A00")
    #expect(some.status == 200 && some.body.contains("Delete 1 row?") && !some.body.contains("my_hourly_orders"))
    #expect(try await owner.get(source + "/delete-rows?series=orders").body.contains("my_hourly_orders"))
    #expect(try await owner.post(source + "/delete-rows", ["series": "returns"]).status == 303)
    #expect(try await !owner.get(source).body.contains("returns"))
    #expect(try await owner.post(source + "/delete-rows", ["series": "orders"]).status == 303)
    #expect(
      try await customer.http.predict(HTTP.prediction(profile: "my_hourly_orders"), token: token.token).status != 200)
    let profile = ["name": "misspelt", "data_source": "my_store_metrics", "names": "order", "interval": "3600"]
    #expect(try await owner.post("/dashboard/new-profile", profile).status == 303)
    #expect(
      try await owner.get("/dashboard/profiles/misspelt").body.contains("my_store_metrics has no rows of “order”"))
    #expect(try await owner.post(source + "/delete").status == 409)
    #expect(try await owner.post(source + "/delete", ["force": "1"]).status == 303)
    #expect(try await owner.get(source).status == 404)
    #expect(try await owner.get("/dashboard/profiles/misspelt").status == 404)
  }

  @Test("Another session's form token changes nothing, and neither does another site's form")
  func crossSite() async throws {
    let (customer, owner, token) = try await owner()
    let path = "/dashboard/tokens/\(token.id)/delete"
    let stranger = try await Browser()
    #expect(try await owner.post(path, ["csrf": stranger.formToken()]).status == 403)
    #expect(try await owner.post(path, ["csrf": ""]).status == 403)
    let formToken = try await owner.formToken()
    let elsewhere = try await customer.http.send(
      path, headers: ["Cookie: \(owner.cookie)", "Origin: http://elsewhere.example"], body: "csrf=\(formToken)")
    #expect(elsewhere.status == 403)
    #expect(
      try await customer.http.predict(HTTP.prediction(profile: "my_hourly_orders"), token: token.token).status == 200)
    #expect(try await owner.post(path).status == 303)
    #expect(
      try await customer.http.predict(HTTP.prediction(profile: "my_hourly_orders"), token: token.token).status == 401)
  }

  @Test("A session that signed out is nobody's, however its cookie is sent")
  func signOut() async throws {
    let browser = try await Browser()
    let formToken = try await browser.formToken()
    #expect(try await browser.post("/dashboard/sign-out").status == 303)
    for path in ["", "/tokens", "/sources", "/profiles", "/forecast", "/billing", "/activity", "/account"] {
      let answer = try await browser.get("/dashboard" + path)
      #expect(answer.status == 303)
      #expect(answer["location"]?.hasPrefix("/dashboard/sign-in") == true)
    }
    let answer = try await browser.post("/dashboard/sources", ["name": "late", "key": "", "csrf": formToken])
    #expect(answer.status == 303)
    #expect(answer["location"]?.hasPrefix("/dashboard/sign-in") == true)
  }

  @Test("After ten wrong passwords further tries for that address have to wait, and other addresses do not")
  func throttling() async throws {
    let http = HTTP(base: try await Stack.shared.value.ready().gateway)
    let email = "throttled-\(UInt64.random(in: 0 ... .max))@example.com"
    @Sendable func signIn() async throws -> HTTP.Response {
      try await Browser.send(http, "/dashboard/sign-in", ["email": email, "password": "wrong horse"])
    }
    // One after another, as a slow machine refuses some of many that wait to be hashed.
    for _ in 0..<10 { #expect(try await signIn().status == 422) }
    let answers = try await withThrowingTaskGroup(of: HTTP.Response.self) { group in
      for _ in 0..<14 { group.addTask { try await signIn() } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    // The waits double, so that however slow the machine is a few of so many tries are refused.
    let refused = answers.filter { $0.status == 429 }
    #expect(!refused.isEmpty)
    #expect(answers.count { $0.status == 422 } + refused.count == answers.count)
    #expect(refused.allSatisfy { $0["retry-after"].flatMap { Int($0) } ?? 0 > 0 })
    #expect(refused.allSatisfy { $0.body.contains("Too many failed sign-ins") })
    #expect(answers.allSatisfy { $0["set-cookie"] == nil })
    _ = try await Browser()
  }
}
