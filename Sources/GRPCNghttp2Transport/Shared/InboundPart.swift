package import GRPCCore

/// A received part as it waits to be read.
///
/// One type for both roles, although only a client receives a status: a queue that had the part's type as a parameter
/// would look types up at run time for every call.
package enum InboundPart: Sendable {
  case metadata(Metadata)
  /// A message, which its reader restores and not the event loop.
  case message([UInt8], isCompressed: Bool)
  case status(Status, Metadata)

  /// What a message takes besides its bytes: its places among the parts that wait, which grow to twice as many as are
  /// used, and what comes before an array's elements.
  static let messageOverhead = 128

  /// The memory of a message, in bytes; what else there is has been counted.
  var heldBytes: Int {
    if case .message(let bytes, _) = self { bytes.capacity + Self.messageOverhead } else { 0 }
  }
}
