import GRPCCore

/// A received part as it waits to be read: messages are restored by their reader, not on the event loop.
struct InboundPart<Part: Sendable>: Sendable {
  var part: Part
  /// Whether the part is a message that is still compressed.
  var isCompressed = false
}

extension MessageDeframer.Message {
  /// The message as it waits to be read, with the payload bytes that it took, its prefix among them.
  func inboundPart<Part: Sendable>(_ part: ([UInt8]) -> Part) -> (part: InboundPart<Part>, bytes: Int) {
    (
      part: InboundPart(part: part(self.bytes), isCompressed: self.isCompressed),
      bytes: self.bytes.count + MessageFraming.prefixLength
    )
  }
}
