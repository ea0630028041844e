/// The calls of a connection whose handlers are to be started, in the order in which they began.
struct NewCalls {
  private var streams: [ServerStream] = []
  private var next = 0
  /// The call whose handler runs on the event loop.
  var current: ServerStream?
  /// Counts the tasks started on the event loop.
  var turn = 0

  /// The most calls in one go for which memory is kept.
  private static let kept = 100

  mutating func append(_ stream: ServerStream) {
    self.streams.append(stream)
  }

  /// Takes the next call, unless its client gave it up already.
  mutating func popFirst() -> ServerStream? {
    while self.next < self.streams.count {
      defer { self.next += 1 }
      if self.streams[self.next].begin() { return self.streams[self.next] }
    }
    self.streams.removeAll(keepingCapacity: self.next <= Self.kept)
    self.next = 0
    return nil
  }
}
