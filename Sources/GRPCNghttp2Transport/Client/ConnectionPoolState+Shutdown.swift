// How a client ends.
extension ConnectionPoolState {
  /// Admits no more calls, and closes the connections once the open ones have ended.
  package mutating func beginGracefulShutdown() -> [Action] {
    if self.lifecycle == .running {
      self.lifecycle = .draining
    }
    return self.closeIfDrained()
  }

  /// Admits nothing, and aborts every connection.
  package mutating func abort() -> [Action] {
    self.lifecycle = .closed
    return self.connections.values.map { .abort($0) }
  }

  /// Closes the connections of a draining client whose last call has ended.
  mutating func closeIfDrained() -> [Action] {
    guard self.lifecycle == .draining, self.openCalls == 0 else { return [] }
    self.lifecycle = .closed
    return self.connections.values.map { .close($0) }
  }

  /// Whether nothing is left of a closed client but lookups, which can take as long as they like and lead to nothing.
  package var isDrained: Bool {
    self.lifecycle == .closed && self.openCalls == 0 && self.connections.isEmpty && self.pendingAttempts == 0
  }
}
