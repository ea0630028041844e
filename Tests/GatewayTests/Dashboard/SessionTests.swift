import GRPCCore
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import ServiceKit
import TemporisAPI
import Testing
import TokenDomain

@Suite struct SessionTests {
  /// The sign-in form of the one account, its box ticked or not.
  private static func form(
    _ password: String = FakeServices.password, endsOthers: Bool
  ) -> KeyValuePairs<String, String> {
    endsOthers
      ? ["email": "ada@example.com", "password": password, "end_others": "1"]
      : ["email": "ada@example.com", "password": password]
  }

  @Test(
    "A cookie that cannot be a session is none, and no service is asked",
    arguments: [
      "", "temporis_session=", "temporis_session=tss_", "temporis_session=abc", "other=1",
      "temporis_session=tss_" + String(repeating: "0", count: 49),
      "temporis_session=ts_" + String(repeating: "A", count: 49),
      "temporis_session=tss_" + String(repeating: "é", count: 49),
      "temporis_session=\"tss_x\"", "xtemporis_session=tss_x", ";;;=;",
    ])
  func malformedCookie(_ cookie: String) async throws {
    try await TestDashboard.with { dashboard async throws in
      let answer = try await dashboard.send(.get, "/dashboard/tokens", headers: [.cookie: cookie])
      #expect(answer.redirects(to: "/dashboard/sign-in?next=%2Fdashboard%2Ftokens"))
      #expect(dashboard.services.with { $0.calls } == [])
    }
  }

  @Test("An access token in the cookie is no session")
  func accessTokenAsCookie() async throws {
    try await TestDashboard.with { dashboard async throws in
      let token = Secret(kind: .accessToken).revealed
      let answer = try await dashboard.send(
        .get, "/dashboard", headers: [.cookie: "temporis_session=\(token)"])
      #expect(answer.redirects(to: "/dashboard/sign-in"))
      #expect(dashboard.services.with { $0.calls } == [])
    }
  }

  @Test("A session that no service knows is sent to sign in, and learns that its form was ignored")
  func foreignSession() async throws {
    try await TestDashboard.with { dashboard async throws in
      let cookie = "temporis_session=\(Secret(kind: .dashboardSession).revealed)"
      for path in DashboardPageTests.memberPages {
        let answer = try await dashboard.send(.get, path, headers: [.cookie: cookie])
        #expect(answer.status == .seeOther)
        #expect(answer.headers[.location]?.hasPrefix("/dashboard/sign-in") == true)
        // By now the browser may have a newer one.
        #expect(answer.headers[.setCookie] == nil)
      }
      for path in FormProtectionTests.forms {
        let answer = try await dashboard.submit(path, ["name": "x"], cookie: cookie)
        // Who wanted to sign out has.
        let notice = path == "/dashboard/sign-out" ? "signed-out" : "form-ignored"
        #expect(answer.redirects(to: "/dashboard/sign-in", notice: notice), "\(path)")
      }
      #expect(dashboard.services.changes.allSatisfy { $0 == "DeleteSession" })
    }
  }

  @Test("A sign-in sets a cookie that no script and no other site can use")
  func signIn() async throws {
    try await TestDashboard.with { dashboard async throws in
      let answer = try await dashboard.submit(
        "/dashboard/sign-in", ["email": " ada@example.com ", "password": FakeServices.password], cookie: "")
      #expect(answer.redirects(to: "/dashboard"))
      let cookie = try #require(answer.headers[.setCookie])
      #expect(cookie.hasPrefix("temporis_session=\(dashboard.services.session); Path=/dashboard; Max-Age=3"))
      #expect(cookie.hasSuffix("; HttpOnly; SameSite=Lax"))
    }
  }

  @Test("Behind HTTPS the cookie travels over HTTPS alone, and browsers are told to stay there")
  func secureCookie() async throws {
    try await TestDashboard.with(publicURL: "https://api.example.com") { dashboard async throws in
      let answer = try await dashboard.submit(
        "/dashboard/sign-in", ["email": "ada@example.com", "password": FakeServices.password],
        origin: "https://api.example.com", cookie: "")
      let cookie = try #require(answer.headers[.setCookie])
      #expect(cookie.hasPrefix("__Host-temporis_session=\(dashboard.services.session); Path=/; Max-Age=3"))
      #expect(cookie.hasSuffix("; HttpOnly; SameSite=Lax; Secure"))
      #expect(answer.headers[.strictTransportSecurity] == "max-age=31536000")
    }
  }

  @Test("Two gateways of one host have cookies of their own, and neither takes the other's for a session")
  func cookiesByPort() async throws {
    try await TestDashboard.with(publicURL: "http://localhost:9000") { dashboard async throws in
      let answer = try await dashboard.submit(
        "/dashboard/sign-in", ["email": "ada@example.com", "password": FakeServices.password],
        origin: "http://localhost:9000", cookie: "")
      #expect(answer.headers[.setCookie]?.hasPrefix("temporis_session_9000=tss_") == true)
      let secret = dashboard.services.session
      for (cookies, isMember) in [
        ("temporis_session_9000=\(secret)", true), ("temporis_session_8080=x; temporis_session_9000=\(secret)", true),
        ("temporis_session_8080=\(secret)", false), ("temporis_session=\(secret)", false),
        ("__Host-temporis_session_9000=\(secret)", false),
      ] {
        let page = try await dashboard.send(.get, "/dashboard", headers: [.cookie: cookies])
        #expect(page.isPage(200) == isMember, "\(cookies)")
      }
    }
  }

  @Test("A sign-in and a sign-up carry the client's address, which only a trusted proxy may name")
  func clientAddress() async throws {
    let headers = HTTPFields([
      HTTPField(name: try #require(.init("X-Forwarded-For")), value: "198.51.100.7, 203.0.113.9")
    ])
    for (proxies, isForwarded) in [(TestDashboard.ownAddresses, true), (TrustedProxies.none, false)] {
      try await TestDashboard.with(trustedProxies: try #require(proxies), isLive: true) { dashboard async throws in
        for path in ["/dashboard/sign-in", "/dashboard/sign-up"] {
          _ = try await dashboard.submit(
            path, ["email": "new@example.com", "password": FakeServices.password], cookie: "", headers: headers)
        }
        let addresses = dashboard.services.with { $0.clientAddresses }
        #expect(addresses.count == 3)
        let own: Set = ["127.0.0.1", "::1"]
        #expect(addresses.allSatisfy { isForwarded ? $0 == "203.0.113.9" : own.contains($0) }, "\(addresses)")
      }
    }
  }

  @Test("A sign-up signs in at once")
  func signUp() async throws {
    try await TestDashboard.with { dashboard async throws in
      let answer = try await dashboard.submit(
        "/dashboard/sign-up", ["email": "new@example.com", "password": FakeServices.password, "key": "k"], cookie: "")
      #expect(answer.redirects(to: "/dashboard"))
      #expect(answer.headers[.setCookie]?.contains(dashboard.services.session) == true)
      #expect(dashboard.services.changes == ["CreateAccount", "CreateSession"])
    }
  }

  @Test("A sign-out ends the session and takes the cookie away")
  func signOut() async throws {
    try await TestDashboard.with { dashboard async throws in
      let answer = try await dashboard.submit("/dashboard/sign-out")
      #expect(answer.redirects(to: "/dashboard/sign-in", notice: "signed-out"))
      #expect(answer.headers[.setCookie]?.hasPrefix("temporis_session=; Path=/dashboard; Max-Age=0") == true)
      #expect(dashboard.services.changes == ["DeleteSession"])
    }
  }

  @Test("A wrong password and an unknown address are told apart by nothing")
  func wrongPassword() async throws {
    try await TestDashboard.with { dashboard async throws in
      var pages: Set<String> = []
      for email in ["ada@example.com", "nobody@example.com"] {
        let answer = try await dashboard.submit(
          "/dashboard/sign-in", ["email": email, "password": "wrong"], cookie: "")
        #expect(answer.isPage(422))
        #expect(answer.text.contains("The e-mail address and the password do not belong together."))
        #expect(!answer.text.contains("value=\"wrong\""))
        pages.insert(answer.text.replacing(email, with: "EMAIL"))
      }
      #expect(pages.count == 1)
    }
  }

  @Test("Who failed too often is told when to try again")
  func throttled() async throws {
    try await TestDashboard.with { dashboard async throws in
      dashboard.services.with {
        $0.refusals["CreateSession"] = ServiceError(.rateLimited, retryAfter: .milliseconds(3_200))
      }
      let answer = try await dashboard.submit(
        "/dashboard/sign-in", ["email": "ada@example.com", "password": FakeServices.password], cookie: "")
      #expect(answer.isPage(429))
      #expect(answer.headers[.retryAfter] == "4")
      #expect(answer.text.contains("Too many requests. Try again in 4 seconds."))
      #expect(answer.headers[.setCookie] == nil)
      dashboard.services.with {
        $0.refusals["CreateAccount"] = ServiceError(.rateLimited, "Too many sign-ups.", retryAfter: .seconds(9))
      }
      let signUp = try await dashboard.submit(
        "/dashboard/sign-up", ["email": "new@example.com", "password": FakeServices.password], cookie: "")
      #expect(signUp.isPage(429) && signUp.headers[.retryAfter] == "9")
      #expect(signUp.text.contains("Too many sign-ups. Try again in 9 seconds."))
    }
  }

  @Test("A sign-in ends all other sessions if the box is ticked, which stays so beside a mistake")
  func endOthers() async throws {
    try await TestDashboard.with { dashboard async throws in
      let box = "name=\"end_others\" value=\"1\""
      let form = try await dashboard.send(.get, "/dashboard/sign-in").text
      #expect(form.contains(box + " aria-describedby") && form.contains("Sign out everywhere else"))
      #expect(form.contains("For when somebody else is signed in to your account."))
      for isTicked in [false, true] {
        let path = "/dashboard/sign-in"
        let mistake = try await dashboard.submit(path, Self.form("wrong", endsOthers: isTicked), cookie: "")
        #expect(mistake.isPage(422) && mistake.text.contains(box + " checked") == isTicked)
        let answer = try await dashboard.submit(path, Self.form(endsOthers: isTicked), cookie: "")
        #expect(answer.redirects(to: "/dashboard"))
        #expect(answer.headers[.setCookie]?.hasPrefix("temporis_session=\(dashboard.services.session);") == true)
      }
      #expect(dashboard.services.with { $0.signIns.map(\.endOthers) } == [false, true])
    }
  }

  @Test("Whose account has too many sessions is told how to end them")
  func tooManySessions() async throws {
    try await TestDashboard.with { dashboard async throws in
      dashboard.services.with { $0.refusals["CreateSession"] = ServiceError(quota: 1_000, of: "sessions") }
      let answer = try await dashboard.submit(
        "/dashboard/sign-in", ["email": "ada@example.com", "password": FakeServices.password], cookie: "")
      #expect(answer.isPage(403) && answer.headers[.setCookie] == nil)
      #expect(answer.text.contains("An account may have at most 1000 sessions."))
      #expect(answer.text.contains("Tick “Sign out everywhere else” to end those that there are."))
    }
  }

  @Test(
    "A sign-in that is to end the others and is not confirmed says so; any other is just not available",
    arguments: [true, false], [RPCError.Code.deadlineExceeded, .unavailable])
  func unconfirmedSignIn(endsOthers: Bool, _ code: RPCError.Code) async throws {
    try await TestDashboard.with { dashboard async throws in
      dashboard.services.with { $0.refusals["CreateSession"] = RPCError(code: code, message: "secret detail") }
      let answer = try await dashboard.submit("/dashboard/sign-in", Self.form(endsOthers: endsOthers), cookie: "")
      #expect(answer.isPage(502) && answer.text.contains("Not confirmed yet") == endsOthers)
      #expect(answer.headers[.setCookie] == nil && !answer.text.contains("secret detail"))
    }
  }

  @Test("After a sign-in one is back where one was sent from")
  func next() async throws {
    try await TestDashboard.with { dashboard async throws in
      let page = try await dashboard.send(.get, "/dashboard/sign-in?next=%2Fdashboard%2Fbilling%3Fpage%3Dx")
      #expect(page.text.contains("name=\"next\" value=\"/dashboard/billing?page=x\""))
      for (next, target) in [
        ("/dashboard/billing?page=x", "/dashboard/billing?page=x"), ("https://evil.example", "/dashboard"),
        ("//evil.example", "/dashboard"), ("/\\evil.example", "/dashboard"),
      ] {
        let answer = try await dashboard.submit(
          "/dashboard/sign-in", ["email": "ada@example.com", "password": FakeServices.password, "next": next],
          cookie: "")
        #expect(answer.redirects(to: target))
      }
    }
  }

  @Test(
    "Only a path of the dashboard is a place to go after a sign-in",
    arguments: [
      ("/dashboard", true), ("/dashboard/tokens", true), ("/dashboard/sources/a_b?page=c%3D#x", true),
      ("", false), ("/", false), ("/dashboardx", false), ("/v1/predict", false), ("dashboard", false),
      ("//evil.example/dashboard", false), ("/dashboard//evil.example", false), ("/dashboard/../v1", false),
      ("/dashboard/%2e%2e/v1", false), ("/dashboard/\\evil", false), ("https://evil.example/dashboard", false),
      ("/dashboard/\u{0}", false), ("/dashboard/\r\nSet-Cookie: a=b", false), ("/dashboard/é", false),
      ("javascript:alert(1)", false),
    ])
  func returnPath(_ text: String, _ isLocal: Bool) {
    #expect((ReturnPath(text) != nil) == isLocal)
  }
}
