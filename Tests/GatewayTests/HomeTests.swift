import HTTPTypes
import HummingbirdTesting
import Testing

/// `GET /`, which a person opens in a browser.
@Suite struct HomeTests {
  @Test(
    "A browser is sent to the dashboard",
    arguments: [
      "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", "text/html",
      "TEXT/HTML; charset=utf-8", "application/json;q=0.5, text/html;q=0.6", "*/*, text/html ; Q=0.1",
    ])
  func browser(_ accept: String) async throws {
    try await TestDashboard.with { dashboard in
      for path in ["/", "/?from=mail"] {
        let answer = try await dashboard.send(.get, path, headers: [.accept: accept])
        #expect(answer.redirects(to: "/dashboard"))
        #expect(answer.headers[.vary] == "Accept")
      }
      let head = try await dashboard.send(.head, "/", headers: [.accept: accept])
      #expect(head.redirects(to: "/dashboard"))
    }
  }

  @Test(
    "A client keeps the API's 404",
    arguments: [
      nil, "", "*/*", "application/json", "application/json, text/plain, */*", "text/*", "text/html;q=0",
      "text/html;q=x", "application/json, text/html", "text/htmlx", "x-text/html",
    ] as [String?])
  func client(_ accept: String?) async throws {
    var headers = HTTPFields()
    headers[.accept] = accept
    try await TestDashboard.with { [headers] dashboard in
      let answer = try await dashboard.send(.get, "/", headers: headers)
      #expect(answer.isError(404, "Not Found"))
    }
  }

  @Test("Only the page itself leads there, and only where there is a dashboard")
  func elsewhere() async throws {
    try await TestDashboard.with { dashboard in
      let post = try await dashboard.send(.post, "/", headers: [.accept: "text/html"])
      #expect(post.isError(404, "Not Found"))
      let other = try await dashboard.send(.get, "/v1", headers: [.accept: "text/html"])
      #expect(other.isError(404, "Not Found"))
    }
    let alone = try await TestGateway().send(.get, "/", headers: [.accept: "text/html"], authorization: nil)
    #expect(alone.isError(404, "Not Found"))
  }
}
