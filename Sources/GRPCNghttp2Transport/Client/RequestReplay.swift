import HTTP2Session

/// What a call has sent, kept so that it can be sent again: should the server say that it never looked at it, or a
/// retry policy ask for it (gRFC A6).
///
/// It shares the bytes with the session, so that keeping them costs no copy.
struct RequestReplay {
  private var operations: [OutboundQueue.Operation] = []
  private var bytes = 0
  private(set) var isUsable: Bool
  private let limit: Int

  /// Keeps at most `limit` bytes of messages; a call that sends more can't be sent again.
  init(limit: Int) {
    self.limit = limit
    self.isUsable = limit > 0
  }

  /// Notes that an operation was carried out.
  mutating func record(_ operation: OutboundQueue.Operation) {
    guard self.isUsable else { return }
    if case .message(let prefix, let message) = operation {
      self.bytes += prefix.count + message.count
    }
    if self.bytes > self.limit {
      self.discard()
    } else {
      self.operations.append(operation)
    }
  }

  /// Keeps nothing any more: the server has begun to answer.
  mutating func discard() {
    self.isUsable = false
    self.operations = []
  }

  /// Everything since the start of the call, which is recorded anew from here on; nil when that isn't kept.
  mutating func take() -> [OutboundQueue.Operation]? {
    guard self.isUsable else { return nil }
    defer {
      self.operations = []
      self.bytes = 0
    }
    return self.operations
  }
}
