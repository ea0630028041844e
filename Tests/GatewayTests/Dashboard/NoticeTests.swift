import Gateway
import HTTPTypes
import HummingbirdTesting
import ServiceKit
import Testing

/// What a page says of an action that has just succeeded: only once there was one.
@Suite struct NoticeTests {
  private static let tokens = "/dashboard/tokens"
  private static let deletion = "\(TokenPageTests.path)/delete"
  private static let deleted = "The access token is deleted."

  @Test("A link makes no page say that something was done", arguments: ["token-deleted.1.2.3", "signed-out"])
  func link(_ code: String) async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill()
      for path in ["/dashboard/sign-in", "/dashboard", Self.tokens, TokenPageTests.path] {
        let page = try await dashboard.open("\(path)?notice=\(code)")
        #expect(page.isPage(200) && !page.text.contains("class=\"notice good\""), "\(path)")
      }
    }
  }

  @Test("A notice is shown once, by the page that an action leads to, and the browser is told to forget it")
  func once() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill()
      let answer = try await dashboard.submit(Self.deletion)
      let cookie = try #require(answer.headers[values: .setCookie].first { $0.hasPrefix("temporis_notice=token-") })
      #expect(cookie.hasSuffix("; Path=/dashboard; Max-Age=60; HttpOnly; SameSite=Strict"))
      let list = try await dashboard.follow(answer)
      #expect(list.isPage(200) && list.text.contains(Self.deleted) && list.notice?.isEmpty == true)
      let again = try await dashboard.open(Self.tokens)
      #expect(!again.text.contains(Self.deleted) && again.notice == nil)
    }
  }

  @Test("What shows nobody a page leaves the notice for the next one")
  func kept() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill()
      let headers: HTTPFields = [.cookie: "\(dashboard.cookie); temporis_notice=token-deleted"]
      let script = try #require(
        try await dashboard.open(Self.tokens).text.firstMatch(of: /<script src="([^"]+)"/)?.1)
      #expect(try await dashboard.send(.head, Self.tokens, headers: headers).notice == nil)
      #expect(try await dashboard.send(.get, String(script), headers: headers).notice == nil)
      let signedOut = try await dashboard.send(
        .get, Self.tokens, headers: [.cookie: "temporis_notice=token-deleted"])
      #expect(signedOut.redirects(to: "/dashboard/sign-in?next=%2Fdashboard%2Ftokens"))
    }
  }

  @Test(
    "A cookie that is none of our notices is said nowhere",
    arguments: ["", "nothing", "<b>", "token-deleted.x", "token-renamed.42.11500.3"])
  func foreign(_ code: String) async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill()
      let page = try await dashboard.send(
        .get, Self.tokens, headers: [.cookie: "\(dashboard.cookie); temporis_notice=\(code)"])
      #expect(page.isPage(200) && !page.text.contains("class=\"notice good\"") && !page.text.contains("<b>"))
    }
  }

  @Test("Behind HTTPS the notice travels over HTTPS alone, beside the end of the session")
  func secure() async throws {
    try await TestDashboard.with(publicURL: "https://api.example.com:8443") { dashboard async throws in
      let answer = try await dashboard.submit(
        "/dashboard/sign-out", origin: "https://api.example.com:8443",
        cookie: "__Host-temporis_session_8443=\(dashboard.services.session)")
      let cookies = answer.headers[values: .setCookie]
      #expect(
        cookies == [
          "__Host-temporis_session_8443=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure",
          "__Host-temporis_notice_8443=signed-out; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure",
        ])
      let page = try await dashboard.send(
        .get, "/dashboard/sign-in", headers: [.cookie: "__Host-temporis_notice_8443=signed-out"])
      #expect(page.isPage(200) && page.text.contains("You are signed out."))
    }
  }
}
