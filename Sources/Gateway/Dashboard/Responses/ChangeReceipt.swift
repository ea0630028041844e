import SwiftProtobuf
package import TemporisAPI

/// From when on a change to an access token held everywhere, in words.
package struct ChangeReceipt: Sendable, Hashable {
  private let revision: Int64
  /// From the change's commit until no verifier went by what was before, in microseconds.
  private let microseconds: Int64
  private let confirmations: Int32

  /// Takes what the token service answered. `nil`: it answered none.
  package init?(_ receipt: Temporis_Token_V1_RevocationReceipt) {
    guard receipt.revision > 0 else { return nil }
    let (seconds, nanos) = (receipt.duration.seconds, Int64(receipt.duration.nanos))
    // No wait comes near a day.
    guard 0...86_400 ~= seconds, 0..<1_000_000_000 ~= nanos else { return nil }
    self.init(revision: receipt.revision, microseconds: seconds * 1_000_000 + nanos / 1_000, receipt.confirmations)
  }

  /// Reads a ``code``. `nil` for any other text.
  package init?(code: some StringProtocol) {
    let parts = code.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let revision = Int64(parts[0]), let microseconds = Int64(parts[1]),
      let confirmations = Int32(parts[2]), revision > 0, microseconds >= 0, confirmations >= 0
    else { return nil }
    self.init(revision: revision, microseconds: microseconds, confirmations)
  }

  private init(revision: Int64, microseconds: Int64, _ confirmations: Int32) {
    (self.revision, self.microseconds, self.confirmations) = (revision, microseconds, confirmations)
  }

  /// Revision, microseconds and confirmations for a cookie: `42.12000.3`.
  package var code: String { "\(revision).\(microseconds).\(confirmations)" }

  /// Says it: `Revision 42: no verifier accepts it since 12 ms after the change; 3 verifiers confirmed it.`
  /// - Parameter effect: What holds everywhere since: `no verifier accepts it`.
  package func sentence(_ effect: String) -> String {
    let confirmed =
      confirmations == 0
      ? "none had to confirm it" : "\(Count.text(confirmations, "verifier", "verifiers")) confirmed it"
    return "Revision \(revision): \(effect) since \(time) after the change; \(confirmed)."
  }

  /// The time, rounded up: milliseconds, from ten seconds on seconds.
  private var time: String {
    let milliseconds = microseconds / 1_000 + (microseconds % 1_000 > 0 ? 1 : 0)
    return milliseconds < 10_000
      ? "\(Count.text(milliseconds)) ms" : "\(Count.text(milliseconds / 1_000 + (milliseconds % 1_000 > 0 ? 1 : 0))) s"
  }
}
