import GRPCCore
import Logging
import NIOCore
import Synchronization

/// Carries out what a ``ConnectionPoolState`` decides, and gives calls their connections.
final class ConnectionPool: Sendable {
  private typealias PoolState = ConnectionPoolState<ClientConnection>

  private struct State {
    var pool: PoolState
    var waiters = ConnectionWaiters()
    /// The calls that wait for the end of a back-off.
    var pauses = WaitingCalls<CheckedContinuation<Void, any Error>>()
    /// How many calls were woken that waited.
    var wakeUps = 0
    var drained: [CheckedContinuation<Void, Never>] = []
  }

  private let connector: ClientConnector
  private let resolver: any NameResolver
  private let configuration: Nghttp2ClientConfiguration
  private let logger: Logger?
  private let state: Mutex<State>

  init(
    targets: [ConnectionTarget], connector: ClientConnector, resolver: any NameResolver,
    configuration: Nghttp2ClientConfiguration, logger: Logger?
  ) {
    self.logger = logger
    self.connector = connector
    self.resolver = resolver
    self.configuration = configuration
    self.state = Mutex(State(pool: ConnectionPoolState(targets: targets, configuration: configuration)))
  }

  // MARK: Calls

  /// Gives a call a connection, and counts it there; ``endCall()`` must follow. As often as `retries` says while no
  /// address can be reached.
  ///
  /// Throws UNAVAILABLE when every address has failed (at once, unless `waitForReady`) or too many calls wait,
  /// DEADLINE_EXCEEDED when the wait lasts until `deadline`, CANCELLED with the task, and FAILED_PRECONDITION when the
  /// client is closing.
  func beginCall(
    waitForReady: Bool, deadline: NIODeadline?, retries: inout CallRetries?
  ) async throws -> ClientConnection {
    while true {
      do {
        return try await self.takeConnection(waitForReady: waitForReady, deadline: deadline, leaving: nil)
      } catch let error as RPCError where error.code == .unavailable {
        guard let delay = retries?.delay(after: error) else { throw error }
        try await self.pause(for: delay, until: deadline)
      }
    }
  }

  /// Gives a call a connection and counts it, as ``beginCall(waitForReady:deadline:retries:)`` does, if one is ready;
  /// ``endCall()`` must follow. Nil when the call would have to wait, or there is none to wait for.
  func beginCallNow() -> ClientConnection? {
    let (choice, actions) = self.state.withLock { state in
      (
        Self.choose(&state, waitForReady: false, leaving: nil),
        state.pool.prepare(isMoved: false, now: .now())
      )
    }
    self.perform(actions)
    if case .use(let connection) = choice { return connection }
    return nil
  }

  var waitingCalls: Int { self.state.withLock { $0.waiters.count } }

  var wakeUps: Int { self.state.withLock { $0.wakeUps } }

  func endCall() {
    self.change { $0.callEnded() }
  }

  /// Gives a call that has left its connection another one after `delay`, or tells it that there is none, unless it
  /// ends and cancels the task. On the event loop of the connection that is left.
  ///
  /// As often as needed while nothing of the call is sent: servers that refuse every connection's calls are backed off
  /// from. The call watches its deadline itself.
  func move(_ stream: ClientStream, after delay: Duration = .zero) -> Task<Void, Never> {
    stream.placement.leave()
    self.settle()
    return Task {
      do {
        if delay > .zero {
          try await self.pause(until: .now() + TimeAmount(clamping: delay))
        }
        let connection = try await self.takeConnection(
          waitForReady: stream.waitsForReady, deadline: nil, leaving: stream.placement.connection)
        stream.execute {
          guard stream.placement.move(to: connection) else { return self.settle() }
          stream.execute { stream.arrive() }
        }
      } catch {
        let failure = error as? RPCError ?? .waitCancelled
        stream.execute { stream.findsNoConnection(failure) }
      }
    }
  }

  private func takeConnection(
    waitForReady: Bool, deadline: NIODeadline?, leaving left: ClientConnection?
  ) async throws -> ClientConnection {
    let (choice, actions) = self.state.withLock { state in
      (
        Self.choose(&state, waitForReady: waitForReady, leaving: left),
        state.pool.prepare(isMoved: left != nil, now: .now())
      )
    }
    self.perform(actions)
    switch choice {
    case .use(let connection): return connection
    case .fail(let error): throw error
    case .wait: return try await self.wait(waitForReady: waitForReady, deadline: deadline, leaving: left)
    }
  }

  /// A connection for a call that may overtake none of those that wait.
  private static func choose(
    _ state: inout State, waitForReady: Bool, leaving left: ClientConnection?
  ) -> PoolState.Choice {
    guard state.waiters.isEmpty else {
      return state.pool.failure(waitForReady: waitForReady, isMoved: left != nil).map { .fail($0) } ?? .wait
    }
    let choice = state.pool.choose(waitForReady: waitForReady, isMoved: left != nil, leaving: left)
    if case .use(let connection) = choice {
      connection.callBegan()
    }
    return choice
  }

  private func wait(
    waitForReady: Bool, deadline: NIODeadline?, leaving left: ClientConnection?
  ) async throws -> ClientConnection {
    let ticket = self.state.withLock { $0.waiters.makeTicket() }
    return try await self.suspend(until: deadline, .failure(RPCError.waitTimedOut)) { continuation in
      let waiter = ConnectionWaiters.Waiter(continuation: continuation, waitForReady: waitForReady, left: left)
      // Calls that had a connection are no more than those that are open.
      let limit = waiter.isMoved ? .max : self.configuration.maxCallsAwaitingConnection
      let (result, actions) = self.state.withLock {
        state -> (Result<ClientConnection, any Error>?, [PoolState.Action]) in
        // The pool may have changed since it was asked, and had nobody to connect for.
        switch Self.choose(&state, waitForReady: waitForReady, leaving: left) {
        case .use(let connection): return (.success(connection), [])
        case .fail(let error): return (.failure(error), [])
        case .wait:
          let error = state.waiters.add(waiter, ticket, deadline: deadline, limit: limit)
          return (error.map { .failure($0) }, state.pool.prepare(isMoved: waiter.isMoved, now: .now()))
        }
      }
      self.perform(actions)
      return result
    } remove: { [weak self] in
      self?.state.withLock { $0.waiters.remove(ticket) }
    }
  }

  /// Waits for a delay before a call is made again. Throws DEADLINE_EXCEEDED at `deadline`, CANCELLED with the task,
  /// and FAILED_PRECONDITION once the client is closed.
  private func pause(for delay: Duration, until deadline: NIODeadline?) async throws {
    let end = NIODeadline.now() + TimeAmount(clamping: delay)
    try await self.pause(until: deadline.map { min($0, end) } ?? end)
    if let deadline, deadline <= .now() { throw RPCError.waitTimedOut }
  }

  private func pause(until end: NIODeadline) async throws {
    let ticket = self.state.withLock { $0.pauses.makeTicket() }
    try await self.suspend(until: end, .success(())) { continuation in
      self.state.withLock { state in
        // What ends the pause then may have come before there was one.
        if Task.isCancelled { return .failure(RPCError.waitCancelled) }
        if state.pool.lifecycle == .closed { return .failure(RPCError.isClosing) }
        if end <= .now() { return .success(()) }
        state.pauses.add(continuation, ticket)
        return nil
      }
    } remove: { [weak self] in
      self?.state.withLock { $0.pauses.remove(ticket) }
    }
  }

  /// Suspends a call until `begin` gives it a result, or somebody resumes the continuation that `begin` has kept: at
  /// `end` with `result`, with its task as cancelled, unless `remove` finds that it is resumed already.
  private func suspend<Value: Sendable>(
    until end: NIODeadline?, _ result: Result<Value, any Error>,
    begin: (CheckedContinuation<Value, any Error>) -> Result<Value, any Error>?,
    remove: @escaping @Sendable () -> CheckedContinuation<Value, any Error>?
  ) async throws -> Value {
    let timer = end.map { Timers.shared.set(at: $0) { remove()?.resume(with: result) } }
    defer { timer?.cancel() }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        if let result = begin(continuation) {
          continuation.resume(with: result)
        }
      }
    } onCancel: {
      remove()?.resume(throwing: RPCError.waitCancelled)
    }
  }

  // MARK: Connections

  private func perform(_ actions: [PoolState.Action]) {
    for action in actions {
      switch action {
      case .connect(let slot, let address, let endpoint, let keepalive):
        self.connect(slot, address, endpoint, keepalive)
      case .resolve(let target, let host, let port): self.resolve(target, host, port)
      case .advance(let time):
        // Calls that wait go on then; with none, the next call does.
        self.connector.eventLoopGroup.next().scheduleTask(deadline: time) { [weak self] in
          self?.change { pool in
            pool.advance(now: .now())
            return []
          }
        }
      case .retire(let connection): connection.retire()
      case .close(let connection): connection.close()
      case .abort(let connection):
        connection.abort(RPCError(code: .cancelled, message: "The client was stopped."))
      }
    }
  }

  /// Attempts one connection in a task that ends within the connect timeouts.
  private func connect(
    _ slot: UInt64, _ address: SocketAddress, _ endpoint: SocketEndpoint, _ keepalive: ClientKeepalive?
  ) {
    Task {
      do {
        let connection = try await self.connector.connect(to: address, of: endpoint, keepalive: keepalive) {
          [weak self] in self?.connectionChanged($0, $1)
        }
        self.connected(slot, connection)
      } catch {
        let name = SocketEndpoint(address).map { $0 == endpoint ? "\(endpoint)" : "\(endpoint) at \($0)" }
        let message = "Can't connect to \(name ?? "\(endpoint)"): \(connectFailureReason(error))."
        let failure = RPCError(code: .unavailable, message: message, cause: error)
        self.note(failure)
        self.change { $0.failed(slot: slot, failure, now: .now()) }
      }
    }
  }

  private func connected(_ slot: UInt64, _ connection: ClientConnection) {
    self.change { $0.connected(slot: slot, connection, now: .now()) }
    // It may have ended before it was known here, in which case nobody else says so.
    connection.handler.eventLoop.execute {
      if connection.isDraining {
        self.connectionChanged(connection, .draining(politely: connection.endsPolitely))
      }
      if connection.handler.isClosed {
        self.connectionChanged(connection, .closed)
      }
    }
  }

  private func connectionChanged(_ connection: ClientConnection, _ change: ClientConnection.Change) {
    switch change {
    case .draining(let politely):
      self.change { $0.left(connection, politely: politely, now: .now()) }
    case .closed:
      let politely = connection.endsPolitely
      self.change { $0.closed(connection, politely: politely, now: .now()) }
    case .pingedTooOften(let time):
      self.change { pool in
        pool.pingedTooOften(time: time)
        return []
      }
    case .limitChanged: self.settle()
    }
  }

  /// Looks a name up in a task; calls need not wait for longer than for a connection.
  private func resolve(_ target: Int, _ host: String, _ port: Int) {
    let failure = { (reason: String) in
      RPCError(code: .unavailable, message: "Can't connect to \(host):\(port): the name can't be resolved (\(reason)).")
    }
    let timeout = TimeAmount(clamping: self.configuration.connectTimeout)
    let slow = failure("no answer in time")
    let timer = self.connector.eventLoopGroup.next().scheduleTask(in: timeout) { [weak self] in
      self?.note(slow)
      self?.change { $0.resolutionIsSlow(target: target, slow, now: .now()) }
    }
    Task {
      do {
        let addresses = try await self.resolver.addresses(of: host, port: port)
        timer.cancel()
        self.change { $0.resolved(target: target, to: addresses, now: .now()) }
      } catch {
        timer.cancel()
        let failure = failure("\(error)")
        self.note(failure)
        self.change { $0.resolutionFailed(target: target, failure, now: .now()) }
      }
    }
  }

  /// Has an operator know of it, as calls don't when another address takes them.
  private func note(_ failure: RPCError) {
    self.logger?.warning("No connection", metadata: ["reason": "\(failure.message)"])
  }

  // MARK: Shutdown

  /// Takes no more calls; once the open ones have ended, the connections are closed.
  func beginGracefulShutdown() {
    self.change { $0.beginGracefulShutdown() }
  }

  /// Closes every connection; open calls fail, also those that wait to be made again.
  func abort() {
    self.change { $0.abort() }
  }

  /// Waits until there is no call and no connection.
  func waitUntilDrained() async {
    await withCheckedContinuation { continuation in
      self.state.withLock { $0.drained.append(continuation) }
      self.settle()
    }
  }

  /// Does what follows from a change of a connection, such as that it has room.
  private func settle() {
    self.change { _ in [] }
  }

  /// Changes the state, then does what follows from that.
  private func change(_ body: (inout PoolState) -> [PoolState.Action]) {
    let (actions, woken, pauses, drained) = self.state.withLock { state in
      var actions = body(&state.pool)
      let woken = state.waiters.settle(&state.pool)
      state.wakeUps += woken.count
      if !state.waiters.isEmpty {
        actions += state.pool.prepare(isMoved: true, now: .now())
      }
      var drained: [CheckedContinuation<Void, Never>] = []
      if state.pool.isDrained {
        swap(&drained, &state.drained)
      }
      let pauses = state.pool.lifecycle == .closed ? state.pauses.removeAll { _ in true } : []
      return (actions, woken, pauses, drained)
    }
    self.perform(actions)
    for waiter in woken {
      waiter.continuation.resume(with: waiter.result)
    }
    for pause in pauses {
      pause.resume(throwing: RPCError.isClosing)
    }
    for waiter in drained {
      waiter.resume()
    }
  }
}
