import GRPCCore
import Gateway
import HTTPTypes
import HummingbirdTesting
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing

@Suite struct DashboardFormTests {
  @Test("Each form that creates has a key of its own")
  func keys() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill()
      for path in ["/dashboard/tokens", "/dashboard/sources", "/dashboard/sign-up", TokenPageTests.path + "/rotate"] {
        var keys: Set<Substring> = []
        for _ in 0..<5 {
          let page = try await dashboard.open(path).text
          keys.insert(try #require(page.firstMatch(of: /name="key" value="([0-9A-Za-z]{22})"/)).1)
        }
        #expect(keys.count == 5)
      }
    }
  }

  @Test("A name that breaks the rule is said beside the field, which keeps it")
  func nameRule() async throws {
    try await TestDashboard.with { dashboard async throws in
      let page = try await dashboard.submit("/dashboard/sources", ["name": "My Shop"])
      #expect(page.isPage(422))
      #expect(page.text.contains("<p class=\"error\" id=\"name-error\">Must be 1 to 48 characters"))
      #expect(page.text.contains("aria-invalid=\"true\""))
      #expect(page.text.contains("aria-describedby=\"name-error name-help\""))
      #expect(page.text.contains("value=\"My Shop\""))
    }
  }

  @Test("A name that is taken is said beside the field")
  func nameTaken() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill()
      let page = try await dashboard.submit("/dashboard/sources", ["name": "shop"])
      #expect(page.isPage(409))
      #expect(page.text.contains("id=\"name-error\">A data source by this name exists."))
      let signUp = try await dashboard.submit(
        "/dashboard/sign-up", ["email": dashboard.services.with { $0.email }, "password": FakeServices.password])
      #expect(signUp.isPage(409))
      #expect(signUp.text.contains("id=\"email-error\">An account with this e-mail address exists."))
    }
  }

  @Test("A password that is too short is said beside its field, and is not sent back")
  func shortPassword() async throws {
    try await TestDashboard.with { dashboard async throws in
      let page = try await dashboard.submit("/dashboard/sign-up", ["email": "a@b", "password": "secret7"])
      #expect(page.isPage(422))
      #expect(page.text.contains("id=\"password-error\">Must be 8 to 256 bytes long."))
      #expect(page.text.contains("value=\"a@b\""))
      #expect(!page.text.contains("secret7"))
    }
  }

  @Test("A source is created, archived and unarchived from its page")
  func source() async throws {
    try await TestDashboard.with { dashboard async throws in
      let created = try await dashboard.submit("/dashboard/sources", ["name": "shop"])
      #expect(created.redirects(to: "/dashboard/sources/shop", notice: "source-created"))
      try await dashboard.fill()
      let page = try await dashboard.open("/dashboard/sources/shop").text
      #expect(page.contains("1,234"))
      #expect(page.contains("<time datetime=\"2023-11-14T22:13:20Z\">14 Nov 2023, 22:13 UTC</time>"))
      #expect(page.contains("curl http://localhost/v1/data_sources/ingest"))
      #expect(page.contains("action=\"/dashboard/sources/shop/archive\""))
      #expect(
        try await dashboard.submit("/dashboard/sources/shop/archive")
          .redirects(to: "/dashboard/sources/shop", notice: "source-archived"))
      dashboard.services.with { $0.sources[0].archived = true }
      let archived = try await dashboard.open("/dashboard/sources/shop").text
      #expect(archived.contains("action=\"/dashboard/sources/shop/unarchive\""))
      #expect(
        try await dashboard.submit("/dashboard/sources/shop/unarchive")
          .redirects(to: "/dashboard/sources/shop", notice: "source-unarchived"))
    }
  }

  @Test("Charges name the token that asked, however many tokens there are")
  func chargedTokens() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill()
      dashboard.services.with { state in
        var deleted = state.charges[0]
        deleted.credentialID = "tok_9"
        var own = state.charges[0]
        own.credentialID = "ses_1"
        state.charges += [deleted, own]
      }
      let page = try await dashboard.open("/dashboard/billing").text
      #expect(page.contains("<bdi>nightly job</bdi>") && page.contains("<bdi>a deleted token</bdi>"))
      #expect(page.contains("<bdi>Dashboard</bdi>"))
      #expect(!dashboard.services.with { $0.calls }.contains("ListAccessTokens"))
    }
  }

  @Test("A refusal that names no field of the form is said above it, and a field's name is said as it is written")
  func generalRefusal() async throws {
    try await TestDashboard.with { dashboard async throws in
      for (refusal, text) in [
        (ServiceError(.invalidArgument, "that is taken by the operator"), ">That is taken by the operator.<"),
        (ServiceError(.invalidArgument, "required_permission is unknown."), ">required_permission is unknown.<"),
        (ServiceError(violating: "idempotency_key", "must be short"), ">idempotency_key must be short.<"),
        (ServiceError(violating: "settings.owner", "must be one"), ">owner must be one.<"),
      ] {
        dashboard.services.with { $0.refusals["CreateDataSource"] = refusal }
        let page = try await dashboard.submit("/dashboard/sources", ["name": "shop"])
        #expect(page.isPage(422) && page.text.contains("role=\"alert\""))
        #expect(page.text.contains(text), "\(text)")
        #expect(!page.text.contains("id=\"name-error\""))
      }
    }
  }

  @Test("A card is put on file and taken off, and an unknown one is refused in words")
  func card() async throws {
    try await TestDashboard.with { dashboard async throws in
      let set = try await dashboard.submit("/dashboard/billing/card", ["card": "pm_card_visa"])
      #expect(set.redirects(to: "/dashboard/billing", notice: "card-set"))
      let unknown = try await dashboard.submit("/dashboard/billing/card", ["card": "4242424242424242"])
      #expect(unknown.isPage(422))
      #expect(unknown.text.contains("The payment provider does not know this payment method."))
      #expect(!unknown.text.contains("4242424242424242"))
      #expect(
        try await dashboard.submit("/dashboard/billing/card/remove")
          .redirects(to: "/dashboard/billing", notice: "card-removed"))
    }
  }

  @Test("A service that is down is a 502 page that keeps the session", arguments: DashboardPageTests.memberPages)
  func outage(_ path: String) async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill()
      let methods = [
        "GetAccount", "GetAccessToken", "ListAccessTokens", "GetDataSource", "ListDataSources", "ListSeries",
        "ListDataProfiles", "GetDataProfile", "GetPaymentMethod", "GetUsage", "ListCharges", "DeleteRecords",
        "ListAuditRecords", "ListSessions", "GetCredentialUsage",
      ]
      for failure in [
        RPCError(code: .unavailable, message: "secret detail"), RPCError(code: .unauthenticated, message: ""),
      ] {
        dashboard.services.with { state in
          for method in methods { state.refusals[method] = failure }
        }
        let answer = try await dashboard.open(path)
        #expect(answer.isPage(502))
        #expect(answer.text.contains("Not available right now"))
        #expect(!answer.text.contains("secret detail"))
        #expect(answer.headers[.setCookie] == nil)
      }
    }
  }
}
