import NIOCore
import Synchronization

/// The connections and handlers that keep a server from being stopped.
final class ServerConnectionRegistry: Sendable {
  private struct State {
    var connections: [ObjectIdentifier: ServerConnection] = [:]
    var handlers = 0
    var isShuttingDown = false
    var drained: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())
  private let maxConnections: Int

  init(maxConnections: Int) {
    self.maxConnections = maxConnections
  }

  /// Registers a connection; false when there are too many or the server is stopping.
  func add(_ connection: ServerConnection) -> Bool {
    self.state.withLock { state in
      guard !state.isShuttingDown, state.connections.count < self.maxConnections else { return false }
      state.connections[ObjectIdentifier(connection)] = connection
      return true
    }
  }

  func remove(_ connection: ServerConnection) {
    self.change { $0.connections[ObjectIdentifier(connection)] = nil }
  }

  /// What the requests of all connections hold in memory, in bytes.
  var heldBytes: Int {
    self.state.withLock { state in state.connections.values.reduce(0) { $0 + $1.budget.heldBytes } }
  }

  func handlerStarted() {
    self.state.withLock { $0.handlers += 1 }
  }

  func handlerFinished() {
    self.change { $0.handlers -= 1 }
  }

  /// Accepts no more connections and has the present ones finish.
  func beginGracefulShutdown() {
    for connection in self.stopAccepting() {
      connection.handler.eventLoop.execute { connection.beginGracefulShutdown() }
    }
  }

  /// Accepts no more connections and closes the present ones.
  func abort() {
    for connection in self.stopAccepting() {
      connection.handler.eventLoop.execute { connection.abort() }
    }
  }

  /// Waits until there is no connection and no handler; only one task may wait, after accepting has stopped.
  func waitUntilDrained() async {
    await withCheckedContinuation { continuation in
      self.change { $0.drained = continuation }
    }
  }

  private func stopAccepting() -> [ServerConnection] {
    self.state.withLock { state in
      state.isShuttingDown = true
      return Array(state.connections.values)
    }
  }

  private func change(_ body: (inout sending State) -> Void) {
    let drained: CheckedContinuation<Void, Never>? = self.state.withLock { state in
      body(&state)
      guard state.connections.isEmpty, state.handlers == 0 else { return nil }
      defer { state.drained = nil }
      return state.drained
    }
    drained?.resume()
  }
}
