import Foundation
import SwiftProtobuf
import TemporisAPI
import TemporisCLI
import Testing

@Suite("Access tokens, printed")
struct TokenReportTests {
  private static let now = Date(timeIntervalSince1970: 1_700_000_000)

  private static func token(
    expiry: Int64? = nil, disabled: Int64? = nil, previous: Int64? = nil
  ) -> Temporis_Token_V1_AccessToken {
    .with { token in
      token.id = "tok_1"
      token.name = "nightly job"
      token.lastFour = "wxyz"
      token.permissions = [.ingest, .predict]
      token.createTime.seconds = 1_600_000_000
      if let expiry { token.expireTime.seconds = 1_700_000_000 + expiry }
      if let disabled { token.disableTime.seconds = 1_700_000_000 + disabled }
      if let previous { token.previousSecretExpireTime.seconds = 1_700_000_000 + previous }
    }
  }

  @Test(
    "A token's state is told by its times",
    arguments: [
      (token(), "active"), (token(expiry: 1), "active"), (token(expiry: 0), "expired"),
      (token(disabled: -1), "disabled"), (token(expiry: -2, disabled: -1), "disabled"),
      (token(previous: 60), "rotating until 2023-11-14T22:14:20Z"), (token(previous: -1), "active"),
      (token(disabled: -1, previous: 60), "disabled"),
    ])
  func state(_ token: Temporis_Token_V1_AccessToken, _ text: String) {
    let cells = TokenReport(token, now: Self.now).cells
    #expect(cells.count == TokenReport.headings.count)
    #expect(cells.prefix(5) == ["tok_1", "nightly job", "wxyz", text, "ingest,predict"])
  }

  @Test("A deletion says what ends: the last use, and predictions and cost of a day, as far as they are known")
  func ending() {
    var token = Self.token()
    token.lastUseTime.seconds = 1_699_920_000
    var report = TokenReport(token, now: Self.now)
    #expect(
      report.ending
        == "nightly job, which ends in wxyz and was last used on 2023-11-14, with an unknown use in the last 24 hours")
    report.usage = .init(
      .with {
        $0.predictions = 1
        $0.nanoDollars = 6_400
      })
    #expect(report.ending.hasSuffix("with 1 prediction for $0.0000064 in the last 24 hours"))
    #expect(TokenReport(Self.token(), now: Self.now).ending.contains("and was never used"))
  }

  @Test("A receipt says its time in milliseconds, rounded up; without a revision there is none")
  func receipt() throws {
    var message = Temporis_Token_V1_RevocationReceipt()
    #expect(ReceiptReport(message) == nil)
    message.revision = 42
    message.duration = Google_Protobuf_Duration(seconds: 2, nanos: 11_500_000)
    message.confirmations = 1
    let text = try #require(ReceiptReport(message)).sentence("no verifier accepts it")
    #expect(text == "Revision 42: no verifier accepts it since 2,012 ms after the change; 1 verifier confirmed it.")
  }

  @Test(
    "A length of time is a whole number and a unit",
    arguments: [("45s", 45), ("30m", 1_800), ("12h", 43_200), ("90d", 7_776_000), ("2w", 1_209_600), ("0s", 0)])
  func timeSpan(_ text: String, _ seconds: Int64) {
    #expect(TimeSpan(argument: text)?.seconds == seconds)
  }

  @Test(
    "Other texts are no length of time",
    arguments: ["", "d", "90", "1.5d", "-1d", "+1d", " 1d", "1 d", "1D", "1y", "999999999999d", "9999999999999s", "١d"])
  func noTimeSpan(_ text: String) {
    #expect(TimeSpan(argument: text) == nil)
  }
}
