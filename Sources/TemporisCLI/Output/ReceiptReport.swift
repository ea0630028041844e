import SwiftProtobuf
package import TemporisAPI

/// When a change to an access token held everywhere, as it is printed.
package struct ReceiptReport: Encodable {
  let revision: Int64
  /// From the change's commit until no verifier went by what was before.
  let seconds: Double
  let confirmations: Int32

  /// Takes what the token service answered. `nil`: it answered none.
  package init?(_ receipt: Temporis_Token_V1_RevocationReceipt) {
    guard receipt.revision > 0 else { return nil }
    revision = receipt.revision
    seconds = Double(receipt.duration.seconds) + Double(receipt.duration.nanos) / 1e9
    confirmations = receipt.confirmations
  }

  /// `Revision 42: no verifier accepts it since 12 ms after the change; 3 verifiers confirmed it.`
  ///
  /// - Parameter effect: What holds everywhere since, such as `no verifier accepts it`.
  package func sentence(_ effect: String) -> String {
    let milliseconds = Count.grouped(Int64((seconds * 1_000).rounded(.up)))
    let confirmed =
      confirmations == 0 ? "none had to confirm it" : "\(Count.grouped(confirmations, "verifier")) confirmed it"
    return "Revision \(revision): \(effect) since \(milliseconds) ms after the change; \(confirmed)."
  }
}
