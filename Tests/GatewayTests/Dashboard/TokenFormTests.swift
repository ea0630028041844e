import Gateway
import HummingbirdTesting
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing

@Suite struct TokenFormTests {
  @Test("A new token's secret is shown once: not by a reload, and not in the list")
  func secretOnce() async throws {
    try await TestDashboard.with { dashboard async throws in
      let created = try await dashboard.submit("/dashboard/tokens", TestDashboard.newToken)
      #expect(created.isPage(200))
      let secret = try #require(created.text.firstMatch(of: /ts_[0-9A-Za-z]{49}/)).0
      #expect(created.text.contains("export TEMPORIS_TOKEN=\(secret)"))
      let reloaded = try await dashboard.submit("/dashboard/tokens", TestDashboard.newToken)
      #expect(reloaded.isPage(200))
      #expect(reloaded.text.contains("The token was already created"))
      #expect(!reloaded.text.contains(/ts_[0-9A-Za-z]{49}/))
      let list = try await dashboard.open("/dashboard/tokens").text
      #expect(!list.contains(secret))
      #expect(list.contains("ts_…wxyz") && list.contains(">Active</span>"))
      #expect(dashboard.services.with { $0.tokens.count } == 1)
    }
  }

  @Test("The form offers every permission, ticked, and no expiry")
  func defaults() async throws {
    try await TestDashboard.with { dashboard async throws in
      let page = try await dashboard.open("/dashboard/tokens").text
      for name in ["ingest", "predict"] { #expect(page.contains("name=\"\(name)\" value=\"1\" checked")) }
      #expect(page.contains("<option value=\"never\" selected>Never</option>"))
    }
  }

  @Test(
    "A token is created with the lifetime and the permissions of its form",
    arguments: [
      ("never", "", nil), ("30", "", 30), ("90", "", 90), ("365", "", 365), ("other", "7", 7), ("other", " 1 ", 1),
    ] as [(String, String, Int64?)])
  func lifetime(_ expiry: String, _ days: String, _ expected: Int64?) throws {
    let fields = "name=job&expiry=\(expiry)&days=\(FormFields.percentEncoded(days))&predict=1"
    let message = try TokenForm(FormFields(encoded: fields)).message()
    #expect(message.name == "job" && message.permissions == [.predict])
    #expect((message.hasLifetime ? message.lifetime.seconds : nil) == expected.map { $0 * 86_400 })
  }

  @Test(
    "What cannot be read is said beside its field, the form keeps what was typed, and no token is made",
    arguments: [
      ("days", ["name": "<job>", "expiry": "other", "days": "soon", "ingest": "1"]),
      ("days", ["name": "<job>", "expiry": "other", "days": "", "ingest": "1"]),
      ("days", ["name": "<job>", "expiry": "other", "days": "-1", "ingest": "1"]),
      ("days", ["name": "<job>", "expiry": "other", "days": "99999999999999999999", "ingest": "1"]),
      ("days", ["name": "<job>", "expiry": "never", "days": "30", "ingest": "1"]),
      ("expiry", ["name": "<job>", "expiry": "1", "days": "", "ingest": "1"]),
      ("expiry", ["name": "<job>", "ingest": "1"]),
      ("permissions", ["name": "<job>", "expiry": "30", "days": ""]),
    ] as [(String, KeyValuePairs<String, String>)])
  func mistakes(_ field: String, _ fields: KeyValuePairs<String, String>) async throws {
    try await TestDashboard.with { dashboard async throws in
      let page = try await dashboard.submit("/dashboard/tokens", fields)
      #expect(page.isPage(422) && page.text.contains("id=\"\(field)-error\""), "\(fields)")
      #expect(page.text.contains("value=\"&lt;job&gt;\""))
      #expect(page.text.contains("name=\"predict\" value=\"1\" checked") == false)
      #expect(dashboard.services.changes.isEmpty)
    }
  }

  @Test("A lifetime that the service refuses is said beside the field that it came from")
  func refusedLifetime() async throws {
    try await TestDashboard.with { dashboard async throws in
      dashboard.services.with {
        $0.refusals["CreateAccessToken"] = ServiceError(violating: "lifetime", "must be 1 second to 100 years")
      }
      for (expiry, days, field) in [("other", "40000", "days"), ("365", "", "expiry")] {
        let page = try await dashboard.submit(
          "/dashboard/tokens", ["name": "job", "expiry": expiry, "days": days, "predict": "1"])
        #expect(page.isPage(422))
        #expect(page.text.contains("id=\"\(field)-error\">Must be 1 second to 100 years."), "\(expiry)")
        #expect(page.text.contains("<option value=\"\(expiry)\" selected>"))
      }
    }
  }
}
