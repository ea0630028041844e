import Gateway
import HTTPTypes
import HummingbirdTesting
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing

@Suite struct DashboardTextTests {
  static let nasty = [
    "<script>alert(1)</script>", "\" onmouseover=\"alert(1)", "' autofocus onfocus='alert(1)", "</title><img src=x>",
    // A quotation mark with an accent is one character: it must be escaped none the less.
    "\"\u{301} onmouseover=\u{22}\u{301}x", "<\u{338}b>", "&lt;b&gt;", "&amp;", "{{layout.formToken}}", "{{{page}}}",
    "שלום \u{202E}txt.exe", "مرحبا", "🤖👩‍👩‍👧‍👦", "a\u{0}b", "\u{FEFF}", "]]>", "--><b>", "${7*7}", "`x`",
  ]

  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "<": "&lt;"
      case ">": "&gt;"
      case "&": "&amp;"
      case "\"": "&quot;"
      case "'": "&#39;"
      default: String(scalar)
      }
    }.joined()
  }

  /// How often the scalars that make markup occur.
  private static func markup(_ page: String) -> [Int] {
    "<>\"'".unicodeScalars.map { mark in page.unicodeScalars.count { $0 == mark } }
  }

  @Test("Texts of services and forms are shown as they are, and never become markup", arguments: nasty)
  func escaping(_ text: String) async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill(with: "plain")
      var plain: [String: [Int]] = [:]
      for path in DashboardPageTests.memberPages { plain[path] = Self.markup(try await dashboard.open(path).text) }
      try await dashboard.fill(with: text)
      for path in DashboardPageTests.memberPages {
        let page = try await dashboard.open(path).text
        #expect(Self.markup(page) == plain[path], "\(path)")
        #expect(page.unicodeScalars.contains(Self.escaped(text).unicodeScalars), "\(path): the e-mail is on every page")
      }
    }
  }

  @Test("What was typed comes back in the form, and never becomes markup", arguments: nasty)
  func typedText(_ text: String) async throws {
    try await TestDashboard.with { dashboard async throws in
      for (path, fields) in [
        ("/dashboard/sources", ["name": text]), ("/dashboard/sign-in", ["email": text, "next": text]),
        ("/dashboard/sign-up", ["email": text]),
      ] as [(String, KeyValuePairs<String, String>)] {
        let page = try await dashboard.submit(path, fields)
        #expect(page.isPage(422))
        let field = fields[0].key
        let typed = try FormFields(encoded: "x=" + FormFields.percentEncoded(text)).text("x")
        let kind = field == "name" ? "text" : "email"
        let input =
          "<input id=\"\(field)\" name=\"\(field)\" type=\"\(kind)\" value=\"\(Self.escaped(typed))\" required"
        #expect(page.text.unicodeScalars.contains(input.unicodeScalars), "\(path)")
      }
    }
  }

  @Test(
    "Money is exact, with as many digits as it has",
    arguments: [
      (0, "$0.00"), (1, "$0.000000001"), (6_400, "$0.0000064"), (10_000_000, "$0.01"), (1_500_000_000, "$1.50"),
      (1_234_567_890_000_000, "$1,234,567.89"), (999_999_999, "$0.999999999"), (100_000_000, "$0.10"),
      (-2_500_000_000, "\u{2212}$2.50"), (Int64.max, "$9,223,372,036.854775807"),
      (Int64.min, "\u{2212}$9,223,372,036.854775808"),
    ] as [(Int64, String)])
  func money(_ amount: Int64, _ text: String) {
    #expect(Money(nanoDollars: amount).description == text)
  }

  @Test(
    "Counts have a comma between thousands",
    arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567"), (-1_000, "\u{2212}1,000")])
  func count(_ number: Int, _ text: String) {
    #expect(Count.text(number) == text)
  }

  @Test(
    "Times are UTC, for people and for machines",
    arguments: [
      (0, "1 Jan 1970, 00:00 UTC", "1970-01-01T00:00:00Z"),
      (1_700_000_000, "14 Nov 2023, 22:13 UTC", "2023-11-14T22:13:20Z"),
      (951_827_696, "29 Feb 2000, 12:34 UTC", "2000-02-29T12:34:56Z"),
      (253_402_300_799, "31 Dec 9999, 23:59 UTC", "9999-12-31T23:59:59Z"),
    ] as [(Int64, String, String)])
  func time(_ seconds: Int64, _ text: String, _ iso: String) {
    #expect(TimeText(unixSeconds: seconds).text == text)
    #expect(TimeText(unixSeconds: seconds).iso == iso)
  }
}
