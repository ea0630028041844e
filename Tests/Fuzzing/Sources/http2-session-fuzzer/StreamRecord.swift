/// What is known of one stream from what was done to it and said of it.
struct StreamRecord {
  /// Payload bytes submitted, and those that left the session.
  var written = 0
  var taken = 0
  /// Payload bytes received, and those whose windows were given back.
  var received = 0
  var consumed = 0
  /// Whether this side was told to end, and whether the peer ended its own.
  var hasFinished = false
  var hasEnded = false
  var isClosed = false
}

extension StreamRecord {
  /// Whether everything that the other end of the stream has submitted was received.
  func hasAll(of sender: StreamRecord) -> Bool {
    sender.taken == sender.written && self.received == sender.written && self.hasEnded == sender.hasFinished
  }
}
