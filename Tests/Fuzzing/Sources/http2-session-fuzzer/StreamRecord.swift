/// What is known of one stream from what was done to it and said of it.
struct StreamRecord {
  /// Payload bytes submitted, and those that left the session.
  var written = 0
  var taken = 0
  /// Payload bytes received, and those whose windows were given back.
  var received = 0
  var consumed = 0
  /// Whether the peer ended its side.
  var hasEnded = false
  var isClosed = false
}
