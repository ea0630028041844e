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
}
