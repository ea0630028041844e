// How a client ends.
extension ConnectionPoolState {
  /// Admits no more calls.
  package mutating func beginGracefulShutdown() {
    if self.lifecycle == .running {
      self.lifecycle = .draining
    }
  }

  /// Admits nothing, and returns every connection.
  package mutating func abort() -> [Connection] {
    self.lifecycle = .closed
    return Array(self.connections.values)
  }

  /// The connections to close now that the last call of a draining client has ended.
  package mutating func takeClosing() -> [Connection] {
    guard self.lifecycle == .draining, self.openCalls == 0 else { return [] }
    self.lifecycle = .closed
    return Array(self.connections.values)
  }

  /// Whether nothing is left of a closed client but lookups, which can take as long as they like and lead to nothing.
  package var isDrained: Bool {
    self.lifecycle == .closed && self.openCalls == 0 && self.connections.isEmpty && self.pendingAttempts == 0
  }
}
