import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import TokenDomain

@Suite struct FormProtectionTests {
  /// Every form that changes something.
  static let forms = [
    "/dashboard/sign-out", "/dashboard/tokens", "/dashboard/tokens/tok_0123456789012345678901/delete",
    "/dashboard/billing/card", "/dashboard/billing/card/remove", "/dashboard/sources",
    "/dashboard/sources/shop/archive", "/dashboard/sources/shop/unarchive", "/dashboard/new-profile",
    "/dashboard/profiles/hourly_orders/edit", "/dashboard/profiles/hourly_orders/delete",
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
        "/dashboard/tokens", ["name": "x"], origin: nil, headers: [.secFetchSite: "same-origin"])
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
      let refused = try await dashboard.submit("/dashboard/tokens", ["name": "x"])
      #expect(refused.isPage(403))
      let answer = try await dashboard.submit("/dashboard/tokens", ["name": "x"], origin: "https://api.example.com")
      #expect(answer.isPage(200))
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
