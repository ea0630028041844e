package import GRPCCore

/// Cuts the payload of DATA frames into messages, wherever the frames' boundaries fall.
///
/// Each message is copied into an array of its own, which grows with the frames that come, to no more than it says it
/// will be; at most one incomplete message of at most `limit` bytes is held.
package struct MessageDeframer {
  /// A message without its prefix.
  package struct Message: Sendable, Hashable {
    package var bytes: [UInt8]
    /// Whether `bytes` are in the call's encoding.
    package var isCompressed = false

    /// Creates one by hand.
    package init(bytes: [UInt8], isCompressed: Bool = false) {
      self.bytes = bytes
      self.isCompressed = isCompressed
    }
  }

  private enum State {
    case prefix(bytes: UInt64, count: Int)
    case message(Message, length: Int)
  }

  private var state: State = .prefix(bytes: 0, count: 0)
  private let limit: Int
  private let acceptsCompressed: Bool

  /// `limit` is the largest message accepted, in bytes without the prefix, and 0 if it is negative; a compressed one
  /// may be longer by what compression can add to it.
  package init(limit: Int, acceptsCompressed: Bool = false) {
    self.limit = limit.clamped(to: Int.messageLengths)
    self.acceptsCompressed = acceptsCompressed
  }

  /// Whether the bytes so far end between two messages.
  package var isAtBoundary: Bool {
    if case .prefix(_, 0) = self.state { true } else { false }
  }

  /// The memory of the message that isn't complete, in bytes.
  package var heldBytes: Int {
    if case .message(let message, _) = self.state { message.bytes.capacity } else { 0 }
  }

  /// Drops what came of a message that isn't complete; nothing may be appended any more.
  package mutating func drop() {
    self.state = .prefix(bytes: 0, count: 0)
  }

  /// Appends the messages that `bytes` complete to `messages`.
  ///
  /// Throws RESOURCE_EXHAUSTED for a message over the limit, before any of it is held, and INTERNAL for one marked as
  /// compressed when no encoding was agreed on.
  package mutating func append(_ bytes: UnsafeRawBufferPointer, to messages: inout [Message]) throws(RPCError) {
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
        self.state = .message(Message(bytes: [], isCompressed: prefix >> 32 != 0), length: try self.length(prefix))
      case .message(var message, let length):
        // Not reserved in one go when it spans frames: a prefix alone must not make us allocate what it claims.
        self.state = .prefix(bytes: 0, count: 0)
        let part = rest.prefix(length - message.bytes.count)
        let count = message.bytes.count + part.count
        if message.bytes.capacity < count {
          message.bytes.reserveCapacity(min(length, max(count, 2 * message.bytes.count)))
        }
        message.bytes.append(contentsOf: part)
        rest = rest.dropFirst(part.count)
        guard message.bytes.count == length else {
          self.state = .message(message, length: length)
          return
        }
        messages.append(message)
      }
    }
  }

  private func length(_ prefix: UInt64) throws(RPCError) -> Int {
    let flag = prefix >> 32
    guard flag == 0 || flag == 1 else {
      throw RPCError(code: .internalError, message: "A message's compressed-flag is \(flag).")
    }
    guard flag == 0 || self.acceptsCompressed else {
      throw RPCError(
        code: .internalError, message: "A message is marked as compressed, but no grpc-encoding was agreed on.")
    }
    let length = Int(prefix & 0xffff_ffff)
    // zlib's own bound of what it adds is less: 5 bytes each 16 KiB and 18 for the member.
    let limit = flag == 0 ? self.limit : self.limit + self.limit / 1024 + 64
    guard length <= limit else {
      throw RPCError(
        code: .resourceExhausted,
        message: "The received message is \(length) bytes, more than the limit of \(self.limit).")
    }
    return length
  }
}
