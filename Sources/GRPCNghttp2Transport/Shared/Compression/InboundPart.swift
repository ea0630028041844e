import GRPCCore

/// A received part as it waits to be read: messages are restored by their reader, not on the event loop.
struct InboundPart<Part: Sendable>: Sendable {
  var part: Part
  /// Whether the part is a message that is still compressed.
  var isCompressed = false
}
