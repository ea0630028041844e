import Synchronization

/// The connection that a call is on, which may change until the call is sent, and the call's share of its count.
///
/// Read from any thread; moved on the event loop of the connection that is left.
final class CallPlacement: Sendable {
  private struct State {
    var connection: ClientConnection
    var hasEnded = false
  }

  private let state: Mutex<State>

  /// Takes over the count that the call was given `connection` with.
  init(on connection: ClientConnection) {
    self.state = Mutex(State(connection: connection))
  }

  var connection: ClientConnection { self.state.withLock { $0.connection } }

  /// Whether the caller has left.
  var hasEnded: Bool { self.state.withLock { $0.hasEnded } }

  /// Moves the call with its count; false, with the new count undone, when the caller has left.
  func move(to connection: ClientConnection) -> Bool {
    self.state.withLock { state in
      guard !state.hasEnded else {
        connection.callEnded()
        return false
      }
      state.connection.callEnded()
      state.connection = connection
      return true
    }
  }

  /// The caller leaves; once only.
  func end() {
    self.state.withLock { state in
      state.hasEnded = true
      state.connection.callEnded()
    }
  }
}
