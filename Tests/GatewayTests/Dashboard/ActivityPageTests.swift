import Gateway
import HummingbirdTesting
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing

@Suite struct ActivityPageTests {
  @Test("A record says in plain words what was done, by what, on what and how often")
  func record() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill()
      dashboard.services.with { state in
        state.auditRecords = [
          ("access_token.delete", "ses_1", "tok_9", 1 as Int64),
          ("access_token.create", "ses_1", state.tokens[0].id, 1),
          ("sign_in.refuse", "acct_1", "acct_1", 1_234), ("some.thing_new", "", "", 1),
        ].map { action, actor, subject, count in
          .with {
            $0.action = action
            $0.actorID = actor
            $0.subjectID = subject
            $0.count = count
            $0.createTime.seconds = 1_700_000_000
          }
        }
      }
      let page = try await dashboard.open("/dashboard/activity").text
      for text in [
        "Access token deleted", "A deleted token", "Access token created", "Sign-in refused", "1,234", "some.thing_new",
        "Dashboard session", "<a href=\"\(TokenPageTests.path)\"><bdi>nightly job</bdi></a>", "14 Nov 2023, 22:13 UTC",
      ] { #expect(page.contains(text), "\(text)") }
      #expect(!page.contains("class=\"pager\""))
    }
  }

  @Test(
    "The end of sessions and another password are said in plain words, and who signed out from who was signed out",
    arguments: [
      ("session.delete", "ses_1", "ses_1", "Signed out"), ("session.delete", "ses_1", "ses_2", "Another session ended"),
      ("session.delete_all", "ses_1", "acct_1", "Sessions ended"),
      ("password.change", "ses_1", "acct_1", "Password changed, other sessions ended"),
      ("password.refuse", "ses_1", "acct_1", "Password change refused"),
    ] as [(String, String, String, String)])
  func sessions(_ action: String, _ actor: String, _ subject: String, _ text: String) async throws {
    try await TestDashboard.with { dashboard async throws in
      dashboard.services.with { state in
        state.auditRecords = [
          .with {
            $0.action = action
            $0.actorID = actor
            $0.subjectID = subject
            $0.count = 1
          }
        ]
      }
      #expect(try await dashboard.open("/dashboard/activity").text.contains(">\(text)<"))
    }
  }

  @Test("A page that no list has is refused, and the field is named as it is written")
  func foreignPage() async throws {
    try await TestDashboard.with { dashboard async throws in
      dashboard.services.with {
        let rule = "must be the next_page_token of an earlier answer"
        $0.refusals["ListAuditRecords"] = ServiceError(violating: "page_token", rule)
      }
      let page = try await dashboard.open("/dashboard/activity?page=x")
      #expect(page.isPage(422) && page.text.contains(">page_token must be the next_page_token of an earlier answer.<"))
    }
  }

  @Test("A long list comes in pages")
  func pages() async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill()
      dashboard.services.with { state in
        state.auditRecords = (0..<30).map { number in .with { $0.action = "action.\(number)." } }
      }
      let first = try await dashboard.open("/dashboard/activity").text
      #expect(first.contains("action.24.") && !first.contains("action.25."))
      #expect(first.contains("href=\"/dashboard/activity?page=25\""))
      let second = try await dashboard.open("/dashboard/activity?page=25").text
      #expect(second.contains("action.25.") && second.contains("action.29.") && !second.contains("action.24."))
      #expect(second.contains("href=\"/dashboard/activity\">First page"))
    }
  }
}
