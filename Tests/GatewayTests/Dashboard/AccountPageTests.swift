import GRPCCore
import Gateway
import HTTPTypes
import HummingbirdTesting
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing

@Suite struct AccountPageTests {
  private static let path = "/dashboard/account"
  private static let newPassword: KeyValuePairs = [
    "current_password": FakeServices.password, "new_password": "battery staple",
  ]

  /// A dashboard whose account has two sessions: the browser's own, and another.
  private static func with(_ body: @Sendable (TestDashboard) async throws -> Void) async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill(with: "203.0.113.9")
      try await body(dashboard)
    }
  }

  private static func sessionIDs(_ dashboard: TestDashboard) -> [String] {
    dashboard.services.with { $0.sessions.map(\.id) }
  }

  @Test("The page says whose account it is, since when, and where it is signed in, this browser marked")
  func facts() async throws {
    try await Self.with { dashboard in
      dashboard.services.with { $0.email = "ada@example.com" }
      let page = try await dashboard.open(Self.path).text
      for text in [
        "<dd>ada@example.com</dd>", "<time datetime=\"2023-11-14\">14 Nov 2023</time>", "14 Nov 2023, 22:13 UTC",
        "15 Nov 2023, 10:13 UTC", "<code>203.0.113.9</code>", "Unknown",
        "autocomplete=\"username\"", "autocomplete=\"current-password\"", "autocomplete=\"new-password\"",
      ] { #expect(page.contains(text), "\(text)") }
      #expect(page.split(separator: "This browser</span>", omittingEmptySubsequences: false).count == 2)
      let forms = page.matches(of: /action="\/dashboard\/account\/sessions\/([^"\/]+)\/delete"/).map(\.output.1)
      #expect(forms == ["ses_0000000000000000000002"])
      #expect(!page.contains("class=\"pager\""))
    }
  }

  @Test("Many sessions come in pages")
  func pages() async throws {
    try await Self.with { dashboard in
      dashboard.services.with { state in
        state.sessions = (0..<30).map { number in .with { $0.clientAddress = "192.0.2.\(number)." } }
      }
      let first = try await dashboard.open(Self.path).text
      #expect(first.contains("192.0.2.24.") && !first.contains("192.0.2.25."))
      #expect(first.contains("href=\"/dashboard/account?page=25#sessions\""))
      let second = try await dashboard.open(Self.path + "?page=25").text
      #expect(second.contains("192.0.2.25.") && second.contains("192.0.2.29.") && !second.contains("192.0.2.24."))
      #expect(second.contains("href=\"/dashboard/account#sessions\">First page"))
    }
  }

  @Test("A password is changed, the other sessions end, and this browser stays signed in with a new one")
  func passwordChange() async throws {
    try await Self.with { dashboard in
      let before = dashboard.services.session
      let answer = try await dashboard.submit(Self.path + "/password", Self.newPassword)
      #expect(answer.redirects(to: Self.path, notice: "password-changed"))
      let after = dashboard.services.session
      #expect(after != before)
      let cookie = answer.headers[values: .setCookie].first { $0.hasPrefix("temporis_session=") }
      #expect(cookie?.hasPrefix("temporis_session=\(after); Path=/dashboard; Max-Age=3") == true)
      #expect(cookie?.hasSuffix("; HttpOnly; SameSite=Lax") == true)
      let page = try await dashboard.follow(answer)
      #expect(page.isPage(200) && page.text.contains("Your password is changed, and every other session has ended."))
      #expect(!page.text.contains("battery staple") && !page.text.contains(FakeServices.password))
      let asked = try #require(dashboard.services.with { $0.passwordChanges }.first)
      #expect(asked.currentPassword == FakeServices.password && asked.newPassword == "battery staple")
      #expect(Self.sessionIDs(dashboard) == ["ses_0000000000000000000001"])
    }
  }

  @Test("A change by a session that has ended meanwhile leads to the sign-in, which says that nothing was done")
  func endedMeanwhile() async throws {
    try await Self.with { dashboard in
      for (method, path) in [
        ("ChangePassword", "/password"), ("DeleteSessions", "/sign-out-others"),
        ("DeleteSession", "/sessions/ses_0000000000000000000002/delete"),
      ] {
        dashboard.services.with { $0.refusals = [method: ServiceError(.accessTokenInvalid)] }
        let answer = try await dashboard.submit(Self.path + path, Self.newPassword)
        #expect(answer.redirects(to: "/dashboard/sign-in", notice: "form-ignored"), "\(method)")
      }
    }
  }

  @Test("The page says what to do when somebody may have a copy of this browser's own cookie")
  func ownCopy() async throws {
    try await Self.with { dashboard in
      let page = try await dashboard.open(Self.path).text
      #expect(page.contains("a copy of this browser's own cookie, change the password instead"))
    }
  }

  @Test("A wrong current password and a new one that breaks the rule are said beside their fields, and not sent back")
  func mistakes() async throws {
    try await Self.with { dashboard in
      for (fields, text) in [
        (
          ["current_password": "wrong horse", "new_password": "battery staple"],
          "id=\"current_password-error\">The current password is wrong."
        ),
        (
          ["current_password": FakeServices.password, "new_password": "secret7"],
          "id=\"new_password-error\">Must be 8 to 256 bytes long."
        ),
      ] as [(KeyValuePairs<String, String>, String)] {
        let page = try await dashboard.submit(Self.path + "/password", fields)
        #expect(page.isPage(422) && page.text.contains(text), "\(text)")
        #expect(page.text.contains("This browser</span>"))
        for field in fields { #expect(!page.text.contains("value=\"\(field.value)\"")) }
        #expect(page.headers[.setCookie] == nil)
      }
      #expect(Self.sessionIDs(dashboard).count == 2)
    }
  }

  @Test("Who tried too many passwords is told when to try again")
  func throttled() async throws {
    try await Self.with { dashboard in
      dashboard.services.with {
        let message = "Too many failed sign-ins for this address."
        $0.refusals["ChangePassword"] = ServiceError(.rateLimited, message, retryAfter: .milliseconds(3_200))
      }
      let page = try await dashboard.submit(Self.path + "/password", Self.newPassword)
      #expect(page.isPage(429) && page.headers[.retryAfter] == "4")
      #expect(page.text.contains("Too many failed sign-ins for this address. Try again in 4 seconds."))
    }
  }

  @Test("Only the token-service is told the client's address, whom attempts with passwords count against")
  func addressee() async throws {
    try await TestDashboard.with(isLive: true) { dashboard async throws in
      _ = try await dashboard.open("/dashboard/sources")
      let (calls, addresses) = dashboard.services.with { ($0.calls, $0.clientAddresses) }
      #expect(calls.count > 1 && calls.first == "GetAccount")
      #expect(addresses.count == 1)
    }
  }

  @Test("A password that is tried carries the client's address, as at a sign-in")
  func clientAddress() async throws {
    try await TestDashboard.with(isLive: true) { dashboard async throws in
      _ = try await dashboard.submit(Self.path + "/password", Self.newPassword)
      let (calls, addresses) = dashboard.services.with { ($0.calls, $0.clientAddresses) }
      #expect(calls == ["GetAccount", "ChangePassword"])
      let own: Set = ["127.0.0.1", "::1"]
      #expect(addresses.count == 2 && addresses.allSatisfy { own.contains($0) }, "\(addresses)")
    }
  }

  @Test("Another session is ended from the list, and one that there is not is a page that says so")
  func endedSession() async throws {
    try await Self.with { dashboard in
      let path = Self.path + "/sessions/ses_0000000000000000000002/delete"
      let ended = try await dashboard.submit(path)
      #expect(ended.redirects(to: Self.path, notice: "session-ended"))
      #expect(try await dashboard.follow(ended).text.contains("The session has ended."))
      #expect(Self.sessionIDs(dashboard) == ["ses_0000000000000000000001"])
      let again = try await dashboard.submit(path)
      #expect(again.isPage(404) && again.text.contains("There is no such session"))
    }
  }

  @Test("Signing out everywhere else keeps this browser signed in")
  func others() async throws {
    try await Self.with { dashboard in
      let answer = try await dashboard.submit(Self.path + "/sign-out-others")
      #expect(answer.redirects(to: Self.path, notice: "others-signed-out"))
      #expect(try await dashboard.follow(answer).text.contains("Every other session has ended."))
      #expect(Self.sessionIDs(dashboard) == ["ses_0000000000000000000001"])
    }
  }

  @Test("Signing out everywhere takes the cookie away, and says so where one signs in")
  func everywhere() async throws {
    try await Self.with { dashboard in
      let answer = try await dashboard.submit(Self.path + "/sign-out-everywhere")
      #expect(answer.redirects(to: "/dashboard/sign-in", notice: "signed-out-everywhere"))
      #expect(answer.headers[.setCookie]?.hasPrefix("temporis_session=; Path=/dashboard; Max-Age=0") == true)
      #expect(try await dashboard.follow(answer).text.contains("You are signed out everywhere."))
      #expect(Self.sessionIDs(dashboard).isEmpty)
    }
  }

  @Test(
    "A change that is not confirmed is no success and no plain failure",
    arguments: [
      ("ChangePassword", "/password"), ("DeleteSession", "/sessions/ses_0000000000000000000002/delete"),
      ("DeleteSessions", "/sign-out-others"), ("DeleteSessions", "/sign-out-everywhere"),
    ], [RPCError.Code.deadlineExceeded, .unavailable])
  func unconfirmed(_ call: (method: String, path: String), _ code: RPCError.Code) async throws {
    try await Self.with { dashboard in
      dashboard.services.with { $0.refusals[call.method] = RPCError(code: code, message: "secret detail") }
      let page = try await dashboard.submit(Self.path + call.path, Self.newPassword)
      #expect(page.isPage(502) && page.text.contains("Not confirmed yet") && !page.text.contains("secret detail"))
      #expect(page.headers[.setCookie] == nil)
    }
  }
}
