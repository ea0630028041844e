import Crypto
import FoundationEssentials
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing

@Suite struct DashboardPageTests {
  /// Every page for who is signed in, as ``TestDashboard/fill()`` filled them.
  static let memberPages = [
    "/dashboard", "/dashboard/tokens", "/dashboard/tokens/tok_0123456789012345678901/delete", "/dashboard/billing",
    "/dashboard/billing/card/remove", "/dashboard/sources", "/dashboard/sources/shop", "/dashboard/profiles",
    "/dashboard/new-profile", "/dashboard/profiles/hourly_orders", "/dashboard/profiles/hourly_orders/edit",
    "/dashboard/profiles/hourly_orders/delete", "/dashboard/forecast",
  ]
  private static let openPages = ["/dashboard/sign-in", "/dashboard/sign-up", "/dashboard/sign-in?notice=signed-out"]

  private static func check(_ answer: TestResponse, _ name: String) throws {
    #expect(answer.text.hasPrefix("<!doctype html>"), "\(name)")
    #expect(answer.headers[.contentType] == "text/html; charset=utf-8", "\(name)")
    #expect(answer.headers[.cacheControl] == "no-store", "\(name)")
    #expect(answer.headers[.xContentTypeOptions] == "nosniff", "\(name)")
    #expect(answer.headers[try #require(.init("Referrer-Policy"))] == "same-origin", "\(name)")
    #expect(answer.headers[try #require(.init("Cross-Origin-Opener-Policy"))] == "same-origin", "\(name)")
    let styles = answer.text.split(separator: "<style>", omittingEmptySubsequences: false)
    let style = try #require(styles.last?.split(separator: "</style>", omittingEmptySubsequences: false).first)
    let hash = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
    #expect(styles.count == 2, "\(name)")
    #expect(
      answer.headers[.contentSecurityPolicy] == "default-src 'none'; style-src 'sha256-\(hash)'; script-src 'self'; "
        + "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      "\(name)")
    // What the policy would keep from working, and what another origin would be asked for.
    #expect(answer.text.firstMatch(of: /<[^>]* (style|on[a-z]+)=/) == nil, "\(name)")
    #expect(answer.text.firstMatch(of: /(src|href|action)="(https?:)?\/\//) == nil, "\(name)")
    #expect(answer.text.split(separator: "<script", omittingEmptySubsequences: false).count == 2, "\(name)")
    #expect(answer.body.readableBytes < 100 << 10, "\(name): \(answer.body.readableBytes)")
  }

  @Test("Every page is kept to itself by its headers, runs no script but ours, and is small")
  func everyPage() async throws {
    try await TestDashboard.with { dashboard async throws in
      for path in Self.openPages {
        try Self.check(try await dashboard.send(.get, path), path)
      }
      for path in Self.memberPages {
        let empty = try await dashboard.open(path)
        if empty.status == .ok { try Self.check(empty, "\(path), empty") }
      }
      try await dashboard.fill()
      for path in Self.memberPages {
        let answer = try await dashboard.open(path)
        #expect(answer.isPage(200), "\(path)")
        try Self.check(answer, path)
      }
    }
  }

  @Test("So are the pages that say what is wrong")
  func errorPages() async throws {
    try await TestDashboard.with { dashboard async throws in
      let pages = [
        (404, try await dashboard.open("/dashboard/nothing")),
        (404, try await dashboard.open("/dashboard/sources/nothing")),
        (405, try await dashboard.send(.delete, "/dashboard/tokens")),
        (403, try await dashboard.submit("/dashboard/tokens", origin: "null")),
        (422, try await dashboard.submit("/dashboard/sources", ["name": "No Name"])),
        (422, try await dashboard.submit("/dashboard/sign-in")),
        (422, try await dashboard.submit("/dashboard/sign-up")),
      ]
      for (status, answer) in pages {
        #expect(answer.isPage(status))
        try Self.check(answer, "\(status)")
      }
    }
  }

  @Test("A page names its title, its language, its one heading and where one is in the navigation")
  func structure() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill()
      for path in Self.memberPages {
        let text = try await dashboard.open(path).text
        #expect(text.contains("<html lang=\"en\">"))
        #expect(text.split(separator: "<h1", omittingEmptySubsequences: false).count == 2, "\(path)")
        #expect(text.split(separator: "aria-current=\"page\"", omittingEmptySubsequences: false).count == 2, "\(path)")
        #expect(text.contains("<a class=\"skip\" href=\"#main\">"))
        // An input stands in its label, or names it.
        for match in text.matches(of: /(<label[^>]*>)?<(?:input|select|textarea)[^>]* id="([^"]+)"/)
        where match.1 == nil {
          #expect(text.contains("for=\"\(match.2)\""), "\(path): \(match.2) has no label")
        }
        let described = text.matches(of: /aria-(?:describedby|labelledby)="([^"]+)"/).flatMap {
          $0.1.split(separator: " ")
        }
        for id in described { #expect(text.contains("id=\"\(id)\""), "\(path): nothing has the id \(id)") }
      }
    }
  }

  @Test("The script has the address of its content, never changes and is small")
  func script() async throws {
    try await TestDashboard.with { dashboard async throws in
      let page = try await dashboard.send(.get, "/dashboard/sign-in").text
      let path = try #require(
        page.firstMatch(of: /<script src="(\/dashboard\/assets\/dashboard-[0-9a-f]{16}\.js)" defer>/)?.1)
      let script = try await dashboard.send(.get, String(path))
      #expect(script.status == .ok)
      #expect(script.headers[.contentType] == "text/javascript; charset=utf-8")
      #expect(script.headers[.cacheControl] == "public, max-age=31536000, immutable")
      #expect(script.body.readableBytes < 6 << 10)
      #expect(!script.text.contains("://"))
    }
  }

  @Test("The checklist ticks off what is done")
  func checklist() async throws {
    try await TestDashboard.with { dashboard async throws in
      let empty = try await dashboard.open("/dashboard").text
      #expect(empty.contains("0 of 5 done"))
      dashboard.services.with {
        $0.tokens = [.with { $0.id = "tok_1" }]
        $0.card = .with { $0.status = .good }
      }
      #expect(try await dashboard.open("/dashboard").text.contains("2 of 5 done"))
      try await dashboard.fill()
      let full = try await dashboard.open("/dashboard").text
      #expect(!full.contains("of 5 done"))
      #expect(full.contains("1,234,567"))
    }
  }

  @Test("A card whose charge failed is said in words, and the exact cost is shown")
  func billing() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill()
      #expect(try await dashboard.open("/dashboard/billing").text.contains("$0.0000064"))
      dashboard.services.with { $0.card?.status = .chargeFailed }
      let failed = try await dashboard.open("/dashboard/billing").text
      #expect(failed.contains("Predictions are refused until another card is on file."))
      #expect(try await dashboard.open("/dashboard").text.contains("predictions are refused until another card"))
    }
  }
}
