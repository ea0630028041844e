package import GRPCCore

/// Cuts the payload of DATA frames into messages, wherever the frames' boundaries fall.
///
/// Each message is copied once, into its own array; at most one incomplete message of at most `limit` bytes is held.
package struct MessageDeframer {
  private enum State {
    case prefix(bytes: UInt64, count: Int)
    case message(bytes: [UInt8], length: Int)
  }

  private var state: State = .prefix(bytes: 0, count: 0)
  private let limit: Int

  /// `limit` is the largest message accepted, in bytes without the prefix.
  package init(limit: Int) {
    self.limit = limit
  }

  /// Whether the bytes so far end between two messages.
  package var isAtBoundary: Bool {
    if case .prefix(_, 0) = self.state { true } else { false }
  }

  /// Appends the messages that `bytes` complete to `messages`.
  ///
  /// Throws RESOURCE_EXHAUSTED for a message over the limit, before any of it is held, and INTERNAL for one marked as
  /// compressed: no encoding but identity is ever agreed on.
  package mutating func append(_ bytes: UnsafeRawBufferPointer, to messages: inout [[UInt8]]) throws(RPCError) {
    var rest = bytes[...]
    while true {
      switch self.state {
      case .prefix(var prefix, var count):
        while count < MessageFraming.prefixLength, let byte = rest.popFirst() {
          prefix = prefix << 8 | UInt64(byte)
          count += 1
        }
        guard count == MessageFraming.prefixLength else {
          self.state = .prefix(bytes: prefix, count: count)
          return
        }
        self.state = .message(bytes: [], length: try self.length(prefix))
      case .message(var message, let length):
        // Not reserved in one go when it spans frames: a prefix alone must not make us allocate what it claims.
        self.state = .prefix(bytes: 0, count: 0)
        let part = rest.prefix(length - message.count)
        message.append(contentsOf: part)
        rest = rest.dropFirst(part.count)
        guard message.count == length else {
          self.state = .message(bytes: message, length: length)
          return
        }
        messages.append(message)
      }
    }
  }

  private func length(_ prefix: UInt64) throws(RPCError) -> Int {
    guard prefix >> 32 == 0 else {
      throw RPCError(
        code: .internalError, message: "A message is marked as compressed, but no grpc-encoding was agreed on.")
    }
    let length = Int(prefix)
    guard length <= self.limit else {
      throw RPCError(
        code: .resourceExhausted,
        message: "The received message is \(length) bytes, more than the limit of \(self.limit).")
    }
    return length
  }
}
