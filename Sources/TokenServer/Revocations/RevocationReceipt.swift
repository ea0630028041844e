import SwiftProtobuf
package import TemporisAPI

/// What is known of a change once no verifier answers by what was before.
package struct RevocationReceipt: Sendable, Hashable {
  /// The last revision that had to be learned.
  package let revision: Int64
  /// From the change's commit until every verifier had applied it or had lost its lease.
  package let duration: Duration
  /// How many verifiers had confirmed it by then.
  package let confirmations: Int

  /// Describes a change.
  package init(revision: Int64, duration: Duration, confirmations: Int) {
    self.revision = revision
    self.duration = duration
    self.confirmations = confirmations
  }
}

extension Temporis_Token_V1_RevocationReceipt {
  /// The message of a receipt.
  package init(_ receipt: RevocationReceipt) {
    self.init()
    revision = receipt.revision
    duration = Google_Protobuf_Duration(rounding: receipt.duration)
    confirmations = Int32(clamping: receipt.confirmations)
  }
}
