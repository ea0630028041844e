import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@Suite struct DashboardRoutingTests {
  @Test(
    "A path under /dashboard that is no page is a 404 page",
    arguments: ["/dashboard/x", "/dashboard/tokens/x/y", "/dashboard/assets/dashboard.js", "/dashboard/sources/a/b/c"])
  func notFound(_ path: String) async throws {
    try await TestDashboard.with { dashboard async throws in
      for method: HTTPRequest.Method in [.get, .post, .put] {
        #expect(try await dashboard.send(method, path).isPage(404))
      }
    }
  }

  @Test(
    "A path that only looks like the dashboard's is the API's", arguments: ["/dashboardx", "/Dashboard", "/", "/v1"])
  func apiPath(_ path: String) async throws {
    try await TestDashboard.with { dashboard async throws in
      #expect(try await dashboard.send(.get, path).isError(404, "Not Found"))
    }
  }

  @Test("Another method is a 405 page that says which there are")
  func wrongMethod() async throws {
    try await TestDashboard.with { dashboard async throws in
      for method: HTTPRequest.Method in [.put, .delete, .patch, .options, .init("FOO") ?? .trace] {
        let answer = try await dashboard.send(method, "/dashboard/tokens", headers: [.cookie: dashboard.cookie])
        #expect(answer.isPage(405))
        #expect(answer.headers[.allow] == "GET, HEAD, POST")
      }
      let answer = try await dashboard.open("/dashboard/sign-out")
      #expect(answer.isPage(405))
      #expect(answer.headers[.allow] == "POST")
    }
  }

  @Test("HEAD is answered like GET, without a body")
  func head() async throws {
    try await TestDashboard.with { dashboard async throws in
      let answer = try await dashboard.send(.head, "/dashboard/sign-in")
      #expect(answer.status == .ok)
      #expect(answer.body.readableBytes == 0)
    }
  }

  @Test("A form that is too long, of another type or malformed is refused, and nothing is done")
  func badForms() async throws {
    try await TestDashboard.with { dashboard async throws in
      let form: HTTPFields = [
        .cookie: dashboard.cookie, .origin: TestDashboard.origin, .contentType: "application/x-www-form-urlencoded",
      ]
      func post(_ body: String, type: String? = nil) async throws -> TestResponse {
        var headers = form
        headers[.contentType] = type ?? headers[.contentType]
        return try await dashboard.send(.post, "/dashboard/tokens", headers: headers, body: body)
      }
      let token = "csrf=\(dashboard.formToken)&name="
      #expect(try await post(token + String(repeating: "a", count: 64 << 10)).isPage(413))
      #expect(try await post(token + "a", type: "application/json").isPage(415))
      #expect(try await post(token + "a", type: "text/plain").isPage(415))
      #expect(try await post(token + "%zz").isPage(400))
      #expect(try await post(token + "%ff").isPage(400))
      #expect(try await post(token + "%4").isPage(400))
      #expect(try await post(token + "a" + String(repeating: "&a=1", count: 600)).isPage(400))
      #expect(dashboard.services.changes == [])
      let charset = "Application/X-WWW-Form-urlencoded; charset=UTF-8"
      #expect(try await post(token + "a&expiry=never&predict=1", type: charset).isPage(200))
    }
  }

  @Test("A form's fields are what was typed")
  func fields() throws {
    let form = try FormFields(encoded: "a=1+2&b=%F0%9F%A4%96%26%3D&a=3&c&=x&d=a%0D%0Ab&e=%20%C2%A0x%20")
    #expect(form["a"] == "1 2")
    #expect(form.all("a") == ["1 2", "3"])
    #expect(form["b"] == "🤖&=")
    #expect(form.contains("c") && form["c"] == "")
    #expect(form["d"] == "a\r\nb")
    #expect(form.text("e") == "x")
    #expect(form["missing"] == "" && !form.contains("missing"))
  }
}
