import Crypto
import Foundation
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
    "/dashboard", "/dashboard/tokens", "/dashboard/tokens/tok_0123456789012345678901",
    "/dashboard/tokens/tok_0123456789012345678901/rotate", "/dashboard/tokens/tok_0123456789012345678901/disable",
    "/dashboard/tokens/tok_0123456789012345678901/delete", "/dashboard/activity", "/dashboard/account",
    "/dashboard/billing", "/dashboard/billing/card/remove", "/dashboard/sources", "/dashboard/sources/shop",
    "/dashboard/sources/shop/delete-rows",
    "/dashboard/sources/shop/delete", "/dashboard/profiles",
    "/dashboard/new-profile", "/dashboard/profiles/hourly_orders", "/dashboard/profiles/hourly_orders/edit",
    "/dashboard/profiles/hourly_orders/delete", "/dashboard/forecast",
  ]
  private static let openPages = ["/dashboard/sign-in", "/dashboard/sign-up"]

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

  @Test("No two landmarks of a page have one name")
  func landmarks() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill()
      for path in Self.memberPages {
        let text = try await dashboard.open(path).text
        let tags = text.matches(of: /<(?:section|nav)[^>]*>|<[a-z]+[^>]* role="region"[^>]*>/).map(\.output)
        let names = tags.compactMap { $0.firstMatch(of: /aria-label(?:ledby)?="([^"]+)"/)?.output.1 }
        #expect(Set(names).count == names.count, "\(path): \(names)")
      }
    }
  }

  @Test("Texts have the contrast of WCAG's level AA in both colour schemes, and none is made fainter")
  func contrast() async throws {
    try await TestDashboard.with { dashboard async throws in
      let page = try await dashboard.send(.get, "/dashboard/sign-in").text
      let schemes = page.matches(of: /:root\{([^}]*)\}/).map { match in
        Dictionary(
          match.1.matches(of: /--([a-z-]+):#([0-9a-f]{3,6})[;}]?/).map { (String($0.1), luminance($0.2)) }
        ) { $1 }
      }
      #expect(schemes.count == 2)
      let pairs = [
        ("text", ["bg", "panel", "soft", "accent-soft"]), ("muted", ["bg", "panel", "soft", "accent-soft"]),
        ("accent", ["bg", "panel"]), ("accent-strong", ["accent-soft"]), ("accent-text", ["accent"]),
        ("good", ["good-soft"]), ("warn", ["warn-soft"]), ("bad", ["bad-soft", "panel"]), ("panel", ["bad"]),
      ]
      for scheme in schemes {
        for (text, grounds) in pairs {
          for ground in grounds {
            let (one, other) = (try #require(scheme[text]), try #require(scheme[ground]))
            let ratio = (max(one, other) + 0.05) / (min(one, other) + 0.05)
            #expect(ratio >= 4.5, "\(text) on \(ground): \(ratio)")
          }
        }
      }
      // Only what is being sent, and a line of a drawing.
      let fainter = page.matches(of: /([^{}]*)\{(?:[^{}]*;)?opacity:\.[0-9]+/).map { $0.1.trimmed }
      #expect(fainter == ["[aria-busy=true]", ".keys .key-path"])
    }
  }

  /// The relative luminance of a colour (WCAG 2.2).
  private func luminance(_ hex: Substring) -> Double {
    let digits = hex.count == 3 ? hex.flatMap { [$0, $0] } : Array(hex)
    let parts = stride(from: 0, to: 6, by: 2).map { index in
      let value = Double(Int(String(digits[index...index + 1]), radix: 16) ?? 0) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
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

extension Substring {
  fileprivate var trimmed: String { String(drop { $0.isWhitespace }) }
}
