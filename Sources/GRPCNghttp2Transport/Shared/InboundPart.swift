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

/// What one call's request holds in memory, in bytes, by where that is.
struct RequestMemory {
  /// From the beginning of the call to its end.
  var metadata = 0
  /// The messages that wait to be read.
  var waiting = 0
  /// The message that was read last, as it came: nobody tells when its reader lets go of it.
  var read = 0
  /// What that was restored to.
  var restored = 0
  /// The message that isn't complete.
  var incomplete = 0

  var total: Int { self.metadata + self.waiting + self.read + self.restored + self.incomplete }

  /// The reader gets a part that takes `bytes`, or the end, and so is done with the one before.
  mutating func hand(over bytes: Int) {
    self.read = bytes
    self.restored = 0
  }
}
