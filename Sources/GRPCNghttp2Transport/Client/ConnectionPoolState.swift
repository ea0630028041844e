package import GRPCCore
package import NIOCore

/// Which connections a client has and may open, without sockets, timers or threads.
///
/// Every endpoint is a target, and every address of a target a slot with at most one connection. Slots are connected by
/// the first call that finds them idle. One whose attempt failed, or whose connection ended before it was proven, is
/// left alone for a while; calls fail at once when every slot is in that state, unless they wait for ready. Names are
/// looked up by the first call, and again when one of their connections was lost; a name that can't be looked up any
/// more keeps the addresses that it had.
///
/// A call gets the connection with the least load, one after the other where several have as little; one that was
/// refused goes to another connection if there is one. While every connection has as many calls as its server takes,
/// calls wait for the first that has room, so that a server that hangs holds up no more than those.
package struct ConnectionPoolState<Connection: PooledConnection>: Sendable {
  package enum Choice {
    case use(Connection)
    case fail(RPCError)
    case wait
  }

  /// What the owner has to do; each change of the state returns its actions.
  package enum Action: Sendable {
    /// Open a connection. Ends with ``connected(slot:_:now:)`` or ``failed(slot:_:now:)``.
    case connect(slot: UInt64, address: SocketAddress, endpoint: SocketEndpoint, keepalive: ClientKeepalive?)
    /// Look a name up. Ends with ``resolved(target:to:now:)`` or ``resolutionFailed(target:_:now:)``.
    case resolve(target: Int, host: String, port: Int)
    /// Call ``advance(now:)`` at this time.
    case advance(at: NIODeadline)
    /// Give the connection no more calls, and close it when those that it has have ended.
    case retire(Connection)
    /// Close a connection without calls.
    case close(Connection)
    /// Close a connection at once, so that its calls fail.
    case abort(Connection)
  }

  enum Lifecycle {
    case running
    /// No new calls; closed when the open ones have ended.
    case draining
    case closed
  }

  /// How many connections in a row may take their leave before they were of use until calls fail.
  static var maxPolite: Int { 3 }

  /// The longest keepalive time that servers can ask for. Beyond it a dead connection is as good as never found, and
  /// the strictest of common servers permit a ping each five minutes.
  static var maxKeepaliveTime: Duration { .seconds(3600) }

  let configuration: Nghttp2ClientConfiguration
  let resolutionInterval: TimeAmount
  var targets: [ConnectionTarget]
  var slots: [ConnectionSlot<Connection>] = []
  var nextSlotID: UInt64 = 0
  /// Where the next call starts to look, for round-robin.
  private var next = 0
  var lifecycle = Lifecycle.running
  /// What new connections are told to do; the time doubles when a server wants fewer pings.
  package var keepalive: ClientKeepalive?
  var openCalls = 0
  /// Every connection with a socket, ready or not.
  var connections: [ObjectIdentifier: Connection] = [:]
  /// Attempts to connect under way.
  var pendingAttempts = 0

  package init(targets: [ConnectionTarget], configuration: Nghttp2ClientConfiguration) {
    self.configuration = configuration
    self.resolutionInterval = TimeAmount(clamping: configuration.resolutionInterval)
    self.keepalive = configuration.keepalive
    self.targets = targets
    for index in targets.indices {
      if let address = targets[index].address {
        self.addSlot(target: index, address)
      }
    }
  }

  // MARK: Calls

  /// Chooses for a call; a call given a connection before may get another while the client drains.
  /// - Parameter left: The connection that it was given before; it gets that again when no other has room.
  package mutating func choose(waitForReady: Bool, isMoved: Bool, leaving left: Connection? = nil) -> Choice {
    if self.admits(isMoved: isMoved), let connection = self.pick(avoiding: left) {
      if !isMoved {
        self.openCalls += 1
      }
      return .use(connection)
    }
    return self.failure(waitForReady: waitForReady, isMoved: isMoved).map { .fail($0) } ?? .wait
  }

  /// Why a call that gets no connection now need not wait for one; nil when it is to.
  func failure(waitForReady: Bool, isMoved: Bool) -> RPCError? {
    guard self.admits(isMoved: isMoved) else { return .isClosing }
    return waitForReady ? nil : self.commonFailure
  }

  /// A call that was given a connection has ended.
  package mutating func callEnded() -> [Action] {
    self.openCalls -= 1
    return self.closeIfDrained()
  }

  /// Connects the idle slots and looks up the stale names.
  package mutating func prepare(isMoved: Bool, now: NIODeadline) -> [Action] {
    guard self.admits(isMoved: isMoved) else { return [] }
    var actions: [Action] = []
    for index in self.slots.indices where self.slots[index].isIdle {
      let slot = self.slots[index]
      self.slots[index].phase = .connecting
      self.pendingAttempts += 1
      actions.append(
        .connect(
          slot: slot.id, address: slot.address, endpoint: self.targets[slot.target].endpoint,
          keepalive: self.keepalive))
    }
    for index in self.targets.indices where self.targets[index].isStale {
      guard case .host(let host, let port) = self.targets[index].endpoint else { continue }
      let hasAddresses = self.slots.contains { $0.target == index }
      guard
        self.targets[index].needsResolution(
          hasAddresses: hasAddresses, interval: self.resolutionInterval, now: now)
      else { continue }
      self.targets[index].isResolving = true
      self.targets[index].resolvedAt = now
      actions.append(.resolve(target: index, host: host, port: port))
    }
    return actions
  }

  /// Whether a call may get a connection: of a draining client, one that began before.
  private func admits(isMoved: Bool) -> Bool {
    switch self.lifecycle {
    case .running: true
    case .draining: isMoved
    case .closed: false
    }
  }

  /// The ready connection with the least load that has room for one more call; of several the next in turn.
  private mutating func pick(avoiding avoided: Connection?) -> Connection? {
    var best: (connection: Connection, load: Int, index: Int)?
    for offset in self.slots.indices {
      let index = (self.next + offset) % self.slots.count
      guard let connection = self.slots[index].connection, connection.freeCalls > 0 else { continue }
      let load = connection === avoided ? Int.max : connection.load
      if best.map({ load < $0.load }) ?? true {
        best = (connection, load, index)
      }
    }
    guard let best else { return nil }
    self.next = best.index + 1
    return best.connection
  }

  /// Why nothing is worth waiting for; nil while an address may still become ready.
  var commonFailure: RPCError? {
    var last: RPCError?
    for index in self.targets.indices {
      var hasAddresses = false
      for slot in self.slots where slot.target == index {
        hasAddresses = true
        guard let failure = slot.failure else { return nil }
        last = failure
      }
      guard !hasAddresses else { continue }
      guard let failure = self.targets[index].failure else { return nil }
      last = failure.error
    }
    return last
  }
}

extension RPCError {
  static let isClosing = RPCError(code: .failedPrecondition, message: "The client is closing or closed.")
}
