import GRPCCore
import Gateway
import HTTPTypes
import HummingbirdTesting
import InMemoryLogging
import Logging
import ServiceKit
import SwiftProtobuf
import TemporisAPI
import Testing

@Suite struct TokenPageTests {
  /// The page of the token of ``TestDashboard/fill()``.
  static let path = "/dashboard/tokens/tok_0123456789012345678901"

  /// A dashboard whose one token is as told.
  private static func with(
    _ change: @Sendable (inout Temporis_Token_V1_AccessToken) -> Void = { _ in },
    _ body: @Sendable (TestDashboard) async throws -> Void
  ) async throws {
    try await TestDashboard.with { dashboard async throws in
      try await dashboard.fill()
      dashboard.services.with { state in
        change(&state.tokens[0])
        state.credentialUsage.predictions = 12
        state.credentialUsage.nanoDollars = 6_400
      }
      try await body(dashboard)
    }
  }

  /// When a token stops by itself, was disabled, and when the secret before its rotation stops, in seconds from now.
  struct Times: Sendable {
    var expiry: Int64?
    var disabled: Int64?
    var previous: Int64?
  }

  @Test(
    "The list and a token's page say its state",
    arguments: [
      ("Active", Times()), ("Active", Times(expiry: 60)), ("Expired", Times(expiry: -60)),
      ("Disabled", Times(disabled: -60)), ("Being rotated", Times(previous: 60)), ("Active", Times(previous: -60)),
      ("Disabled", Times(disabled: -60, previous: 60)), ("Expired", Times(expiry: -60, previous: 60)),
    ])
  func state(_ text: String, _ times: Times) async throws {
    try await Self.with {
      if let expiry = times.expiry { $0.expireTime = .now(plus: expiry) }
      if let disabled = times.disabled { $0.disableTime = .now(plus: disabled) }
      if let previous = times.previous { $0.previousSecretExpireTime = .now(plus: previous) }
    } _: { dashboard in
      for page in [try await dashboard.open("/dashboard/tokens"), try await dashboard.open(Self.path)] {
        #expect(page.isPage(200) && page.text.contains("\">\(text)</span>"))
        #expect(page.text.contains("until <time") == (text == "Being rotated"))
      }
    }
  }

  @Test("A token's page says what is known of it, and what it was used for in the last 24 hours")
  func facts() async throws {
    try await Self.with {
      $0.createTime.seconds = 1_700_000_000
      $0.lastUseTime.seconds = 1_701_000_000
      $0.permissions = [.predict]
    } _: { dashboard in
      let page = try await dashboard.open(Self.path).text
      for text in [
        "ts_…wxyz", "<dd>predict</dd>", "14 Nov 2023, 22:13 UTC", "26 Nov 2023", "12 predictions, $0.0000064",
      ] {
        #expect(page.contains(text), "\(text)")
      }
      dashboard.services.with { $0.credentialUsage.predictions = 1 }
      #expect(try await dashboard.open(Self.path).text.contains("1 prediction,"))
    }
  }

  @Test("A token is renamed and given other permissions, and a receipt is shown where verifiers had to learn it")
  func changes() async throws {
    try await Self.with { dashboard in
      let renamed = try await dashboard.submit(Self.path + "/rename", ["name": "daily job"])
      #expect(renamed.redirects(to: Self.path, notice: "token-renamed"))
      let permitted = try await dashboard.submit(Self.path + "/permissions", ["ingest": "1"])
      #expect(permitted.redirects(to: Self.path, notice: "token-permitted.42.11500.3"))
      let token = try #require(dashboard.services.with { $0.tokens }.first)
      #expect(token.name == "daily job" && token.permissions == [.ingest])
    }
  }

  @Test("A name that breaks the rule and permissions for nothing are said beside their fields")
  func mistakes() async throws {
    try await Self.with { dashboard in
      let unnamed = try await dashboard.submit(Self.path + "/rename", ["name": " "])
      #expect(unnamed.isPage(422) && unnamed.text.contains("id=\"name-error\">Must be 1 to 100 characters"))
      let idle = try await dashboard.submit(Self.path + "/permissions")
      #expect(idle.isPage(422) && idle.text.contains("id=\"permissions-error\""))
      #expect(!idle.text.contains(" checked"))
      let token = try #require(dashboard.services.with { $0.tokens }.first)
      #expect(token.name == "nightly job" && token.permissions == [.ingest, .predict])
    }
  }

  @Test("A rotation shows the new secret once, and what becomes of the one before", arguments: ["0", "86400"])
  func rotation(_ grace: String) async throws {
    try await Self.with { dashboard in
      #expect(try await dashboard.open(Self.path + "/rotate").text.contains("<option value=\"86400\" selected>"))
      let fields: KeyValuePairs = ["grace": grace, "key": "k1"]
      let rotated = try await dashboard.submit(Self.path + "/rotate", fields)
      #expect(rotated.isPage(200) && rotated.text.contains(/ts_[0-9A-Za-z]{49}/))
      if grace == "0" {
        #expect(rotated.text.contains("Has stopped. Revision 42: no verifier accepts it since 12 ms after the change;"))
      } else {
        #expect(rotated.text.contains("Works on until <time") && !rotated.text.contains("no verifier accepts it"))
      }
      #expect(rotated.text.contains("data-once=\"\(Self.path)\""))
    }
  }

  @Test("A rotation that is sent again rotates nothing, says so, and names the present secret as what it is")
  func repeatedRotation() async throws {
    try await Self.with { dashboard in
      let fields: KeyValuePairs = ["grace": "86400", "key": "k1"]
      _ = try await dashboard.submit(Self.path + "/rotate", fields)
      _ = try await dashboard.submit(Self.path + "/rotate", ["grace": "86400", "key": "k2"])
      let present = try #require(dashboard.services.with { $0.tokens }.first)
      let page = try await dashboard.submit(Self.path + "/rotate", fields)
      #expect(page.isPage(200) && page.text.contains("The token was already rotated"))
      #expect(page.text.contains("The present secret of the token is <code>ts_…\(present.lastFour)</code>"))
      for text in ["was shown then", "Has stopped", "Revision", "data-once"] { #expect(!page.text.contains(text)) }
      #expect(!page.text.contains(/ts_[0-9A-Za-z]{49}/))
      #expect(dashboard.services.with { $0.tokens }.first == present)
    }
  }

  @Test("A rotation that is sent again with another choice says that it was made, and its form has another key")
  func changedRotation() async throws {
    try await Self.with { dashboard in
      dashboard.services.with { $0.refusals["RotateAccessToken"] = ServiceError(.idempotencyKeyReused) }
      let page = try await dashboard.submit(Self.path + "/rotate", ["grace": "0", "key": "k1"])
      #expect(page.isPage(409) && page.text.contains("the token got its new secret then"))
      #expect(page.text.contains("<option value=\"0\" selected>") && !page.text.contains("value=\"k1\""))
    }
  }

  @Test("A grace that was not offered rotates nothing", arguments: ["", "1", "-1", "31536000"])
  func otherGrace(_ grace: String) async throws {
    try await Self.with { dashboard in
      let page = try await dashboard.submit(Self.path + "/rotate", ["grace": grace, "key": "k1"])
      #expect(page.isPage(422) && page.text.contains("id=\"grace-error\"") && dashboard.services.changes.isEmpty)
    }
  }

  @Test(
    "Before a token is stopped its page says what stops, even when nobody tells its use",
    arguments: ["disable", "delete"])
  func confirmation(_ action: String) async throws {
    try await Self.with {
      $0.lastUseTime.seconds = 1_701_000_000
    } _: { dashboard in
      let page = try await dashboard.open("\(Self.path)/\(action)")
      for text in ["What stops working", "401 Invalid access token.", "26 Nov 2023", "12 predictions, $0.0000064"] {
        #expect(page.isPage(200) && page.text.contains(text), "\(text)")
      }
      dashboard.services.with {
        $0.refusals["GetCredentialUsage"] = RPCError(code: .unavailable, message: "secret detail")
      }
      for path in [Self.path, "\(Self.path)/\(action)"] {
        let page = try await dashboard.open(path)
        #expect(page.isPage(200) && page.text.contains("Not known right now") && !page.text.contains("secret detail"))
      }
      #expect(dashboard.services.changes.isEmpty)
    }
  }

  @Test("A token is disabled, enabled and deleted, each with the time at which that held everywhere")
  func stopped() async throws {
    try await Self.with { dashboard in
      let receipt = "since 12 ms after the change; 3 verifiers confirmed it."
      let disabled = try await dashboard.submit(Self.path + "/disable")
      #expect(disabled.redirects(to: Self.path, notice: "token-disabled.42.11500.3"))
      #expect(try await dashboard.follow(disabled).text.contains("Revision 42: no verifier accepts it \(receipt)"))
      #expect(dashboard.services.with { $0.tokens[0].hasDisableTime })
      let enabled = try await dashboard.submit(Self.path + "/enable")
      #expect(enabled.redirects(to: Self.path, notice: "token-enabled.42.11500.3"))
      #expect(try await dashboard.follow(enabled).text.contains("every verifier accepts it again \(receipt)"))
      #expect(!dashboard.services.with { $0.tokens[0].hasDisableTime })
      let deleted = try await dashboard.submit(Self.path + "/delete")
      #expect(deleted.redirects(to: "/dashboard/tokens", notice: "token-deleted.42.11500.3"))
      #expect(try await dashboard.follow(deleted).text.contains("Revision 42: no verifier accepts it \(receipt)"))
      let again = try await dashboard.submit(Self.path + "/delete")
      #expect(again.isPage(404) && again.text.contains("There is no such token"))
      for page in ["", "/rotate", "/disable", "/delete"] {
        #expect(try await dashboard.open(Self.path + page).isPage(404), "\(page)")
      }
    }
  }

  @Test("The page of a token that there is not logs no fault: what was asked for it beside is cancelled")
  func unknownToken() async throws {
    let log = InMemoryLogHandler()
    try await TestDashboard.with(logger: Logger(label: "test") { _ in log }) { dashboard async throws in
      dashboard.services.with { $0.silent = ["GetCredentialUsage"] }
      defer { dashboard.services.endSilence() }
      for page in ["", "/disable", "/delete"] {
        #expect(try await dashboard.open(Self.path + page).isPage(404), "\(page)")
      }
    }
    #expect(log.entries.filter { $0.level >= .warning }.isEmpty, "\(log.entries)")
  }

  @Test(
    "A change that is not confirmed is no success and no plain failure",
    arguments: [
      ("DeleteAccessToken", "delete"), ("DisableAccessToken", "disable"), ("EnableAccessToken", "enable"),
      ("RotateAccessToken", "rotate"), ("UpdateAccessToken", "permissions"),
    ], [RPCError.Code.deadlineExceeded, .unavailable])
  func unconfirmed(_ call: (method: String, path: String), _ code: RPCError.Code) async throws {
    try await Self.with { dashboard in
      dashboard.services.with { $0.refusals[call.method] = RPCError(code: code, message: "secret detail") }
      let page = try await dashboard.submit("\(Self.path)/\(call.path)", ["grace": "0", "key": "k1", "ingest": "1"])
      #expect(page.isPage(502) && page.text.contains("Not confirmed yet") && !page.text.contains("secret detail"))
    }
  }

  @Test("A receipt is read from a cookie only as it was written, and belongs to the actions that have one")
  func receiptCodes() {
    #expect(ChangeReceipt(FakeTokens.receipt)?.code == "42.11500.3")
    #expect(ChangeReceipt(code: "42.11500.3") == ChangeReceipt(FakeTokens.receipt))
    for code in ["", "42", "42.1", "0.1.1", "-1.1.1", "42.-1.1", "42.1.-1", "42.1.1.1", "42..1", "a.b.c"] {
      #expect(ChangeReceipt(code: code) == nil, "\(code)")
    }
    #expect(ChangeReceipt(Temporis_Token_V1_RevocationReceipt()) == nil)
    #expect(FlashMessage(code: "token-deleted") != nil && FlashMessage(code: "token-deleted.42.11500.3") != nil)
    for code in ["", "nothing", "token-deleted.", "token-deleted.x", "token-renamed.42.11500.3", "card-set.42.11500.3"]
    {
      #expect(FlashMessage(code: code) == nil, "\(code)")
    }
  }

  @Test(
    "A receipt says its time in milliseconds, rounded up, and its verifiers in words",
    arguments: [
      ("1.0.0", "since 0 ms after the change; none had to confirm it."),
      ("1.1.1", "since 1 ms after the change; 1 verifier confirmed it."),
      ("1.2000001.2", "since 2,001 ms after the change; 2 verifiers confirmed it."),
      ("1.12000001.1000", "since 13 s after the change; 1,000 verifiers confirmed it."),
    ])
  func receiptText(_ code: String, _ text: String) {
    #expect(ChangeReceipt(code: code)?.sentence("it holds") == "Revision 1: it holds \(text)")
  }
}
