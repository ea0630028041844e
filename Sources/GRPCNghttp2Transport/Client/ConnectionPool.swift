import GRPCCore
import NIOCore
import Synchronization

/// Carries out what a ``ConnectionPoolState`` decides, and gives calls their connections.
final class ConnectionPool: Sendable {
  private struct State {
    var pool: ConnectionPoolState<ClientConnection>
    var waiters = ConnectionWaiters()
    var drained: CheckedContinuation<Void, Never>?
  }

  private let connector: ClientConnector
  private let resolver: any NameResolver
  private let configuration: Nghttp2ClientConfiguration
  private let state: Mutex<State>

  init(
    targets: [ConnectionTarget], connector: ClientConnector, resolver: any NameResolver,
    configuration: Nghttp2ClientConfiguration
  ) {
    self.connector = connector
    self.resolver = resolver
    self.configuration = configuration
    self.state = Mutex(State(pool: ConnectionPoolState(targets: targets, configuration: configuration)))
  }

  // MARK: Calls

  /// Gives a call a connection, and counts it there; ``endCall()`` must follow.
  ///
  /// Throws UNAVAILABLE when every address has failed (at once, unless `waitForReady`) or too many calls wait,
  /// DEADLINE_EXCEEDED when the wait lasts until `deadline`, CANCELLED with the task, and FAILED_PRECONDITION when the
  /// client is closing.
  func beginCall(waitForReady: Bool, deadline: NIODeadline?) async throws -> ClientConnection {
    try await self.takeConnection(waitForReady: waitForReady, deadline: deadline, movedCall: nil)
  }

  func endCall() {
    self.change { $0.callEnded() }
  }

  /// Gives a call that its connection refused another one, or ends it.
  ///
  /// As often as needed while nothing of the call is sent: servers that refuse every connection's calls are backed off
  /// from. A call that was sent can start over once. Its caller has its stream, and so watches the deadline itself.
  private func move(_ stream: ClientStream) {
    Task {
      do {
        let connection = try await self.takeConnection(
          waitForReady: stream.waitsForReady, deadline: nil, movedCall: stream.placement)
        stream.execute {
          guard stream.placement.move(to: connection) else { return }
          stream.execute { stream.arrive() }
        }
      } catch {
        let failure = error as? RPCError ?? RPCError(code: .unavailable, message: "\(error)")
        stream.execute { stream.closed(failure) }
      }
    }
  }

  private func takeConnection(
    waitForReady: Bool, deadline: NIODeadline?, movedCall: CallPlacement?
  ) async throws -> ClientConnection {
    while true {
      let isMoved = movedCall != nil
      let (choice, work, version) = self.state.withLock { state in
        let choice = state.pool.choose(waitForReady: waitForReady, isMoved: isMoved)
        if case .use(let connection) = choice {
          connection.callBegan()
        }
        return (choice, state.pool.startWork(isMoved: isMoved, now: .now()), state.waiters.version)
      }
      for item in work {
        self.begin(item)
      }
      switch choice {
      case .use(let connection): return connection
      case .fail(let error): throw error
      case .wait:
        // Its end is a change, too.
        if movedCall?.hasEnded == true { throw RPCError.waitCancelled }
        try await self.waitForChange(since: version, until: deadline)
      }
    }
  }

  private func waitForChange(since version: UInt64, until deadline: NIODeadline?) async throws {
    let id = self.state.withLock { $0.waiters.makeID() }
    let timer = deadline.map { time in
      self.connector.eventLoopGroup.next().scheduleTask(deadline: time) { [weak self] in
        self?.stopWaiting(id, .waitTimedOut)
      }
    }
    defer { timer?.cancel() }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let outcome = self.state.withLock { state in
          state.waiters.add(
            continuation, id: id, version: version, deadline: deadline,
            limit: self.configuration.maxCallsAwaitingConnection)
        }
        if let outcome {
          continuation.resume(with: outcome)
        }
      }
    } onCancel: {
      self.stopWaiting(id, .waitCancelled)
    }
  }

  private func stopWaiting(_ id: UInt64, _ reason: RPCError) {
    let continuation = self.state.withLock { $0.waiters.remove(id) }
    continuation?.resume(throwing: reason)
  }

  // MARK: Connections

  private func begin(_ work: ConnectionPoolState<ClientConnection>.Work) {
    switch work {
    case .connect(let slot, let address, let endpoint): self.connect(slot, address, endpoint)
    case .resolve(let target, let host, let port): self.resolve(target, host, port)
    }
  }

  /// Attempts one connection in a task that ends within the connect timeouts.
  private func connect(_ slot: UInt64, _ address: SocketAddress, _ endpoint: SocketEndpoint) {
    let keepalive = self.state.withLock { $0.pool.keepalive }
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
        self.wake(at: self.change { $0.failed(slot: slot, failure, now: .now()) })
      }
    }
  }

  private func connected(_ slot: UInt64, _ connection: ClientConnection) {
    let isWanted = self.change { $0.connected(slot: slot, connection, now: .now()) }
    // It may have ended before it was known here, in which case nobody else says so.
    connection.handler.eventLoop.execute {
      if !isWanted {
        connection.close()
      }
      if connection.handler.isClosed {
        self.connectionChanged(connection, .closed)
      } else if connection.isDraining {
        self.connectionChanged(connection, .draining(politely: true))
      }
    }
  }

  private func connectionChanged(_ connection: ClientConnection, _ change: ClientConnection.Change) {
    switch change {
    case .refused(let stream): self.move(stream)
    case .draining(let politely):
      self.wake(at: self.change { $0.left(connection, politely: politely, now: .now()) })
    case .closed: self.wake(at: self.change { $0.closed(connection, now: .now()) })
    case .pingedTooOften(let time): self.change { $0.pingedTooOften(time: time) }
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
      self?.wake(at: self?.change { $0.resolutionIsSlow(target: target, slow, now: .now()) })
    }
    Task {
      do {
        let addresses = try await self.resolver.addresses(of: host, port: port)
        timer.cancel()
        let (retired, until) = self.change { $0.resolved(target: target, to: addresses, now: .now()) }
        for connection in retired {
          connection.retire()
        }
        self.wake(at: until)
      } catch {
        timer.cancel()
        self.wake(at: self.change { $0.resolutionFailed(target: target, failure("\(error)"), now: .now()) })
      }
    }
  }

  /// Lets the calls that wait go on at the end of a delay; with none, the next call does.
  private func wake(at time: NIODeadline??) {
    guard let time = time ?? nil else { return }
    self.connector.eventLoopGroup.next().scheduleTask(deadline: time) { [weak self] in
      self?.change { $0.advance(now: .now()) }
    }
  }

  // MARK: Shutdown

  /// Takes no more calls; once the open ones have ended, the connections are closed.
  func beginGracefulShutdown() {
    self.change { $0.beginGracefulShutdown() }
  }

  /// Closes every connection; open calls fail.
  func abort() {
    for connection in self.change({ $0.abort() }) {
      connection.abort(RPCError(code: .cancelled, message: "The client was stopped."))
    }
  }

  /// Waits until there is no call and no connection; only one task may wait.
  func waitUntilDrained() async {
    await withCheckedContinuation { continuation in
      self.state.withLock { $0.drained = continuation }
      self.change { _ in }
    }
  }

  /// Changes the state, then wakes whom that concerns.
  @discardableResult
  private func change<Result: Sendable>(
    _ body: (inout ConnectionPoolState<ClientConnection>) -> Result
  ) -> Result {
    let (result, woken, closing, drained) = self.state.withLock { state in
      let result = body(&state.pool)
      let closing = state.pool.takeClosing()
      var drained: CheckedContinuation<Void, Never>?
      if state.pool.isDrained {
        swap(&drained, &state.drained)
      }
      return (result, state.waiters.takeAll(), closing, drained)
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
