import Synchronization

/// The connection that a call is on, which changes when the call has to be made elsewhere, and the call's share of its
/// count.
///
/// Read from any thread; moved on the event loop of the connection that is left.
final class CallPlacement: Sendable {
  private struct State {
    var connection: ClientConnection
    /// Whether the connection counts the call.
    var isCounted = true
    var hasEnded = false

    mutating func uncount() {
      if self.isCounted { self.connection.callEnded() }
      self.isCounted = false
    }
  }

  private let state: Mutex<State>

  /// Takes over the count that the call was given `connection` with.
  init(on connection: ClientConnection) {
    self.state = Mutex(State(connection: connection))
  }

  /// The connection on whose event loop the call lives: after ``leave()`` still the old one.
  var connection: ClientConnection { self.state.withLock { $0.connection } }

  /// The connection needn't count the call any more, which is to get another one.
  func leave() {
    self.state.withLock { $0.uncount() }
  }

  /// Moves the call with its count; false, with the new count undone, when the caller has left.
  func move(to connection: ClientConnection) -> Bool {
    self.state.withLock { state in
      guard !state.hasEnded else {
        connection.callEnded()
        return false
      }
      state.uncount()
      state.connection = connection
      state.isCounted = true
      return true
    }
  }

  /// The caller leaves; once only.
  func end() {
    self.state.withLock { state in
      state.hasEnded = true
      state.uncount()
    }
  }
}
