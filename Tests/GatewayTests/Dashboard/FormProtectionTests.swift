import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import ServiceKit
import Testing
import TokenDomain

@Suite struct FormProtectionTests {
  /// Every form that changes something.
  static let forms = [
    "/dashboard/sign-out", "/dashboard/tokens", "/dashboard/tokens/tok_0123456789012345678901/rename",
    "/dashboard/tokens/tok_0123456789012345678901/permissions", "/dashboard/tokens/tok_0123456789012345678901/rotate",
    "/dashboard/tokens/tok_0123456789012345678901/disable", "/dashboard/tokens/tok_0123456789012345678901/enable",
    "/dashboard/tokens/tok_0123456789012345678901/delete", "/dashboard/account/password",
    "/dashboard/account/sessions/ses_0000000000000000000002/delete", "/dashboard/account/sign-out-others",
    "/dashboard/account/sign-out-everywhere",
    "/dashboard/billing/card", "/dashboard/billing/card/remove", "/dashboard/sources",
    "/dashboard/sources/shop/archive", "/dashboard/sources/shop/unarchive", "/dashboard/sources/shop/delete-rows",
    "/dashboard/sources/shop/delete", "/dashboard/new-profile",
    "/dashboard/profiles/hourly_orders/edit", "/dashboard/profiles/hourly_orders/delete",
    "/dashboard/profiles/hourly_orders/publish", "/dashboard/profiles/hourly_orders/unpublish",
    "/dashboard/forecast",
  ]
  /// The forms that need no session.
  static let openForms = ["/dashboard/sign-in", "/dashboard/sign-up"]
  private static let foreign = [
    "https://evil.example", "null", "http://localhost.evil.example", "http://localhost:8080", "https://localhost", "",
    "http://localhost http://evil.example",
  ]

  @Test("A form that another site sent is refused, and nothing is done", arguments: forms + openForms, foreign)
  func foreignOrigin(_ path: String, _ origin: String) async throws {
    try await TestDashboard.with { dashboard async throws in
      let answer = try await dashboard.submit(path, ["name": "x", "card": "pm_card_visa"], origin: origin)
      #expect(answer.isPage(403))
      #expect(dashboard.services.changes == [])
      #expect(dashboard.predictions.calls.isEmpty)
    }
  }

  @Test("A form without an origin is refused unless the browser vouches for it", arguments: forms + openForms)
  func noOrigin(_ path: String) async throws {
    try await TestDashboard.with { dashboard async throws in
      for vouched in [nil, "cross-site", "same-site", "none"] {
        var headers = HTTPFields()
        headers[.secFetchSite] = vouched
        let answer = try await dashboard.submit(path, ["name": "x"], origin: nil, headers: headers)
        #expect(answer.isPage(403))
      }
      #expect(dashboard.services.changes == [])
    }
  }

  @Test("A browser that vouches for a form in place of an origin is believed")
  func vouched() async throws {
    try await TestDashboard.with { dashboard async throws in
      let answer = try await dashboard.submit(
        "/dashboard/tokens", TestDashboard.newToken, origin: nil, headers: [.secFetchSite: "same-origin"])
      #expect(answer.isPage(200))
      #expect(dashboard.services.changes == ["CreateAccessToken"])
    }
  }

  @Test("A form without its token, with a wrong one, or with another session's is refused", arguments: forms)
  func wrongToken(_ path: String) async throws {
    try await TestDashboard.with { dashboard async throws in
      let other = Session(Secret(kind: .dashboardSession).revealed)?.formToken ?? ""
      #expect(other.count == 64)
      for token in ["", other, String(dashboard.formToken.dropLast()), dashboard.formToken.uppercased(), "x"] {
        let answer = try await dashboard.submit(path, ["name": "x"], formToken: token)
        #expect(answer.isPage(403))
      }
      #expect(dashboard.services.changes == [])
    }
  }

  @Test("The public URL is the origin, whatever host a request names")
  func publicURL() async throws {
    try await TestDashboard.with(publicURL: "https://API.example.com:443/") { dashboard async throws in
      let refused = try await dashboard.submit("/dashboard/tokens", TestDashboard.newToken)
      #expect(refused.isPage(403))
      let answer = try await dashboard.submit(
        "/dashboard/tokens", TestDashboard.newToken, origin: "https://api.example.com",
        cookie: "__Host-temporis_session=\(dashboard.services.session)")
      #expect(answer.isPage(200))
    }
  }

  @Test("A form that a proxy made look foreign is refused with what the operator has to set")
  func foreignScheme() async throws {
    try await TestDashboard.with { dashboard async throws in
      let answer = try await dashboard.submit("/dashboard/sign-in", origin: "https://localhost", cookie: "")
      #expect(answer.isPage(403))
      #expect(answer.text.contains("--public-url https://localhost") && answer.text.contains("--trusted-proxies"))
      for origin in ["null", "<script>", "https://a b"] {
        let foreign = try await dashboard.submit("/dashboard/sign-in", origin: origin, cookie: "")
        #expect(foreign.isPage(403) && !foreign.text.contains("--public-url"))
      }
    }
  }

  @Test("The scheme and host that a trusted proxy forwards are the origin's, and anybody else's count for nothing")
  func forwardedOrigin() async throws {
    let headers = HTTPFields([
      HTTPField(name: try #require(.init("X-Forwarded-Proto")), value: "https"),
      HTTPField(name: try #require(.init("X-Forwarded-Host")), value: "api.example.com:8443"),
    ])
    for proxies in [TestDashboard.ownAddresses, TrustedProxies("192.0.2.0/24")] {
      try await TestDashboard.with(trustedProxies: try #require(proxies), isLive: true) { dashboard async throws in
        let answer = try await dashboard.submit(
          "/dashboard/sign-in", ["email": "ada@example.com", "password": FakeServices.password],
          origin: "https://api.example.com:8443", cookie: "", headers: headers)
        if proxies == TestDashboard.ownAddresses {
          #expect(answer.redirects(to: "/dashboard"))
          #expect(answer.headers[.setCookie]?.hasPrefix("__Host-temporis_session_8443=tss_") == true)
        } else {
          #expect(answer.isPage(403))
        }
      }
    }
  }

  @Test("Every form of every page carries the session's token")
  func formsCarryToken() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill()
      for path in DashboardPageTests.memberPages {
        let page = try await dashboard.open(path).text
        let forms = page.split(separator: "<form method=\"post\"", omittingEmptySubsequences: false).dropFirst()
        for form in forms {
          #expect(form.contains("name=\"csrf\" value=\"\(dashboard.formToken)\""), "\(path)")
        }
        #expect(!forms.isEmpty)
      }
    }
  }
}
