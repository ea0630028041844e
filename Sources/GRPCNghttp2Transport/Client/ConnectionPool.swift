import GRPCCore
import NIOCore
import Synchronization

/// The connections of a client, one an address, and the calls that wait for one.
///
/// Connections are opened by the first call that finds none, and again by the first call after one was lost. An address
/// that failed is left alone for a while; calls fail at once when every address is in that state, unless they wait for
/// ready.
final class ConnectionPool: Sendable {
  enum Phase {
    case idle
    case connecting
    case ready(ClientConnection)
    case backingOff(RPCError)
  }

  struct Slot {
    var endpoint: SocketEndpoint
    var phase = Phase.idle
    /// Failed attempts in a row.
    var failures = 0
  }

  enum Lifecycle {
    case running
    /// No new calls; closed when the open ones have ended.
    case draining
    case closed
  }

  struct State {
    var slots: [Slot]
    var lifecycle = Lifecycle.running
    /// Where the next call starts to look, for round-robin.
    var next = 0
    var openCalls = 0
    /// Every connection with a socket, ready or not.
    var connections: [ObjectIdentifier: ClientConnection] = [:]
    var attempts = 0
    /// Grows with every change that a waiting call may be interested in.
    var version: UInt64 = 0
    var waiters: [UInt64: CheckedContinuation<Void, any Error>] = [:]
    var nextWaiterID: UInt64 = 0
    var drained: CheckedContinuation<Void, Never>?
  }

  fileprivate enum Choice {
    case use(ClientConnection)
    case fail(RPCError)
    case wait(version: UInt64)
  }

  /// How often a call is given another connection before its server counts as unavailable.
  private static let maxMoves = 5

  private let connector: ClientConnector
  private let configuration: Nghttp2ClientConfiguration
  private let state: Mutex<State>

  init(endpoints: [SocketEndpoint], connector: ClientConnector, configuration: Nghttp2ClientConfiguration) {
    self.connector = connector
    self.configuration = configuration
    self.state = Mutex(State(slots: endpoints.map { Slot(endpoint: $0) }))
  }

  // MARK: Calls

  /// Gives a call a connection, and counts it there; ``endCall()`` must follow.
  ///
  /// Throws UNAVAILABLE when every address has failed (at once, unless `waitForReady`) or too many calls wait,
  /// CANCELLED with the task, and FAILED_PRECONDITION when the client is closing.
  func beginCall(waitForReady: Bool) async throws -> ClientConnection {
    try await self.takeConnection(waitForReady: waitForReady, movedCall: nil)
  }

  func endCall() {
    self.change { $0.openCalls -= 1 }
  }

  /// Gives a call that its connection refused another one, or ends it.
  private func move(_ stream: ClientStream) {
    guard stream.placement.moves < Self.maxMoves else {
      stream.closed(RPCError(code: .unavailable, message: "The server keeps closing its connections."))
      return
    }
    Task {
      do {
        let connection = try await self.takeConnection(
          waitForReady: stream.waitsForReady, movedCall: stream.placement)
        stream.execute {
          guard stream.placement.move(to: connection) else { return }
          stream.execute { stream.applyQueued() }
        }
      } catch {
        let failure = error as? RPCError ?? RPCError(code: .unavailable, message: "\(error)")
        stream.execute { stream.closed(failure) }
      }
    }
  }

  private func takeConnection(waitForReady: Bool, movedCall: CallPlacement?) async throws -> ClientConnection {
    while true {
      let (choice, attempts) = self.state.withLock { state in
        let choice = state.choose(
          waitForReady: waitForReady, isMoved: movedCall != nil, configuration: self.configuration)
        return (choice, state.startAttempts(isMoved: movedCall != nil))
      }
      for slot in attempts {
        self.connect(slot)
      }
      switch choice {
      case .use(let connection): return connection
      case .fail(let error): throw error
      case .wait(let version):
        // Its end is a change, too.
        if movedCall?.hasEnded == true { throw RPCError.waitCancelled }
        try await self.waitForChange(since: version)
      }
    }
  }

  private func waitForChange(since version: UInt64) async throws {
    let id = self.state.withLock { state in
      defer { state.nextWaiterID += 1 }
      return state.nextWaiterID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let outcome: Result<Void, any Error>? = self.state.withLock { state in
          if state.version != version { return .success(()) }
          if Task.isCancelled { return .failure(RPCError.waitCancelled) }
          if state.waiters.count >= self.configuration.maxCallsAwaitingConnection {
            return .failure(RPCError.tooManyWaiting)
          }
          state.waiters[id] = continuation
          return nil
        }
        if let outcome {
          continuation.resume(with: outcome)
        }
      }
    } onCancel: {
      let continuation = self.state.withLock { $0.waiters.removeValue(forKey: id) }
      continuation?.resume(throwing: RPCError.waitCancelled)
    }
  }

  // MARK: Connections

  /// Attempts one connection in a task that ends within the connect timeouts.
  private func connect(_ index: Int) {
    let endpoint = self.state.withLock { $0.slots[index].endpoint }
    Task {
      do {
        let connection = try await self.connector.connect(to: endpoint) { [weak self] in
          self?.connectionChanged($0, $1)
        }
        self.connected(index, connection)
      } catch {
        let message = "Can't connect to \(endpoint): \(connectFailureReason(error))."
        self.failed(index, RPCError(code: .unavailable, message: message, cause: error))
      }
    }
  }

  private func connected(_ index: Int, _ connection: ClientConnection) {
    let isClosed = self.change { state in
      state.attempts -= 1
      state.slots[index].failures = 0
      state.slots[index].phase = .ready(connection)
      state.connections[ObjectIdentifier(connection)] = connection
      if case .closed = state.lifecycle { return true } else { return false }
    }
    // It may have ended before it was known here, in which case nobody else says so.
    connection.handler.eventLoop.execute {
      if isClosed {
        connection.close()
      }
      if connection.handler.isClosed {
        self.connectionChanged(connection, .closed)
      } else if connection.isDraining {
        self.connectionChanged(connection, .draining)
      }
    }
  }

  private func failed(_ index: Int, _ error: RPCError) {
    let delay = self.change { state in
      state.attempts -= 1
      state.slots[index].failures += 1
      state.slots[index].phase = .backingOff(error)
      return self.configuration.backoff.delay(failures: state.slots[index].failures)
    }
    self.connector.eventLoopGroup.next().scheduleTask(in: TimeAmount(clamping: delay)) { [weak self] in
      self?.change { state in
        if case .backingOff = state.slots[index].phase {
          // Calls that still wait wake up and connect; with none, the next call does.
          state.slots[index].phase = .idle
        }
      }
    }
  }

  private func connectionChanged(_ connection: ClientConnection, _ change: ClientConnection.Change) {
    if case .refused(let stream) = change {
      self.move(stream)
      return
    }
    self.change { state in
      for index in state.slots.indices {
        if case .ready(let current) = state.slots[index].phase, current === connection {
          state.slots[index].phase = .idle
        }
      }
      if case .closed = change {
        state.connections[ObjectIdentifier(connection)] = nil
      }
    }
  }

  // MARK: Shutdown

  /// Takes no more calls; once the open ones have ended, the connections are closed.
  func beginGracefulShutdown() {
    self.change { state in
      if case .running = state.lifecycle {
        state.lifecycle = .draining
      }
    }
  }

  /// Closes every connection; open calls fail.
  func abort() {
    let connections = self.change { state in
      state.lifecycle = .closed
      return Array(state.connections.values)
    }
    for connection in connections {
      connection.abort(RPCError(code: .cancelled, message: "The client was stopped."))
    }
  }

  /// Waits until there is no call and no connection; only one task may wait.
  func waitUntilDrained() async {
    await withCheckedContinuation { continuation in
      self.change { $0.drained = continuation }
    }
  }

  /// Changes the state, then wakes whom that concerns.
  @discardableResult
  private func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
    let (result, woken, closing, drained) = self.state.withLock { state in
      let result = body(&state)
      return (result, state.takeWaiters(), state.takeClosing(), state.takeDrained())
    }
    for waiter in woken {
      waiter.resume()
    }
    for connection in closing {
      connection.close()
    }
    drained?.resume()
    return result
  }
}

extension ConnectionPool.State {
  fileprivate mutating func choose(
    waitForReady: Bool, isMoved: Bool, configuration: Nghttp2ClientConfiguration
  ) -> ConnectionPool.Choice {
    guard self.admits(isMoved: isMoved) else { return .fail(.isClosing) }
    if let connection = self.pick(configuration) {
      connection.callBegan()
      if !isMoved {
        self.openCalls += 1
      }
      return .use(connection)
    }
    if self.slots.contains(where: \.isReady) {
      return .fail(.tooManyQueued)
    }
    if !waitForReady, let error = self.commonFailure {
      return .fail(error)
    }
    return .wait(version: self.version)
  }

  /// Whether a call may get a connection: of a draining client, one that began before.
  private func admits(isMoved: Bool) -> Bool {
    switch self.lifecycle {
    case .running: true
    case .draining: isMoved
    case .closed: false
    }
  }

  /// The next ready connection with a free call, else the next whose queue isn't full.
  private mutating func pick(_ configuration: Nghttp2ClientConfiguration) -> ClientConnection? {
    var queueable: ClientConnection?
    for offset in self.slots.indices {
      let index = (self.next + offset) % self.slots.count
      guard case .ready(let connection) = self.slots[index].phase else { continue }
      let free = connection.freeCalls
      if free > 0 {
        self.next = index + 1
        return connection
      }
      if free > -configuration.maxQueuedCallsPerConnection {
        queueable = queueable ?? connection
      }
    }
    return queueable
  }

  /// Why no address is worth waiting for; nil while one may still become ready.
  private var commonFailure: RPCError? {
    var last: RPCError?
    for slot in self.slots {
      guard case .backingOff(let error) = slot.phase else { return nil }
      last = error
    }
    return last
  }

  /// Marks the idle addresses as connecting and returns them.
  fileprivate mutating func startAttempts(isMoved: Bool) -> [Int] {
    guard self.admits(isMoved: isMoved) else { return [] }
    let idle = self.slots.indices.filter { if case .idle = self.slots[$0].phase { true } else { false } }
    for index in idle {
      self.slots[index].phase = .connecting
    }
    self.attempts += idle.count
    return idle
  }

  fileprivate mutating func takeWaiters() -> [CheckedContinuation<Void, any Error>] {
    self.version += 1
    guard !self.waiters.isEmpty else { return [] }
    defer { self.waiters = [:] }
    return Array(self.waiters.values)
  }

  /// The connections to close now that the last call of a draining client has ended.
  fileprivate mutating func takeClosing() -> [ClientConnection] {
    guard case .draining = self.lifecycle, self.openCalls == 0 else { return [] }
    self.lifecycle = .closed
    return Array(self.connections.values)
  }

  fileprivate mutating func takeDrained() -> CheckedContinuation<Void, Never>? {
    guard case .closed = self.lifecycle, self.openCalls == 0, self.connections.isEmpty, self.attempts == 0 else {
      return nil
    }
    defer { self.drained = nil }
    return self.drained
  }
}

extension ConnectionPool.Slot {
  fileprivate var isReady: Bool {
    if case .ready = self.phase { true } else { false }
  }
}

extension RPCError {
  fileprivate static let isClosing = RPCError(code: .failedPrecondition, message: "The client is closing or closed.")
  fileprivate static let tooManyQueued = RPCError(
    code: .unavailable, message: "Too many calls are queued for the server.")
  fileprivate static let tooManyWaiting = RPCError(code: .unavailable, message: "Too many calls wait for a connection.")
  fileprivate static let waitCancelled = RPCError(
    code: .cancelled, message: "The call was cancelled before it was sent.")
}
