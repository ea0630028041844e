package import GRPCCore
package import NIOCore

// How attempts and connections end.
extension ConnectionPoolState {
  /// An attempt succeeded. The connection is closed when it isn't wanted any more.
  package mutating func connected(slot id: UInt64, _ connection: Connection, now: NIODeadline) -> [Action] {
    self.pendingAttempts -= 1
    self.connections[ObjectIdentifier(connection)] = connection
    guard self.lifecycle != .closed, let index = self.slots.firstIndex(where: { $0.id == id }) else {
      return [.close(connection)]
    }
    self.slots[index].phase = .ready(connection, since: now)
    return []
  }

  /// An attempt failed.
  package mutating func failed(slot id: UInt64, _ error: RPCError, now: NIODeadline) -> [Action] {
    self.pendingAttempts -= 1
    guard let index = self.slots.firstIndex(where: { $0.id == id }) else { return [] }
    return self.backOff(index, error, from: now, now: now)
  }

  /// A connection takes no more calls.
  ///
  /// One that isn't proven counts as a failed attempt, so that a server that accepts connections just to close them
  /// isn't hammered; the delay runs from when it was ready, and one that lived longer counts as no failure. Calls wait
  /// for the delay's end if the server took its leave `politely`, up to ``maxPolite`` times in a row.
  package mutating func left(_ connection: Connection, politely: Bool, now: NIODeadline) -> [Action] {
    guard let index = self.slots.firstIndex(where: { $0.connection === connection }),
      case .ready(_, let since) = self.slots[index].phase
    else { return [] }
    guard connection.isProven else {
      let error = RPCError(code: .unavailable, message: "The server closed its last connection without an answer.")
      let waits = politely && self.slots[index].failures < Self.maxPolite
      return self.backOff(index, waits ? nil : error, from: since, now: now)
    }
    self.slots[index].failures = 0
    self.slots[index].phase = .idle
    self.targets[self.slots[index].target].isStale = self.targets[self.slots[index].target].address == nil
    return []
  }

  /// A connection's socket is closed, which may be the first that is known of its end.
  package mutating func closed(_ connection: Connection, politely: Bool = false, now: NIODeadline) -> [Action] {
    self.connections[ObjectIdentifier(connection)] = nil
    return self.left(connection, politely: politely, now: now)
  }

  /// Ends the delays that are over.
  package mutating func advance(now: NIODeadline) {
    for index in self.slots.indices {
      if case .backingOff(_, let until) = self.slots[index].phase, until <= now {
        self.slots[index].phase = .idle
      }
    }
    for index in self.targets.indices {
      // While the lookup that is slow goes on there is nothing new to hope for.
      if !self.targets[index].isResolving, let failure = self.targets[index].failure, failure.until <= now {
        self.targets[index].failure = nil
      }
    }
  }

  /// The server of a connection with this keepalive time wants fewer pings (gRFC A8): later connections send half as
  /// many.
  ///
  /// However often it says so, and however many connections it says it on, it means this time; and it can't bring the
  /// time above ``maxKeepaliveTime``.
  package mutating func pingedTooOften(time: Duration) {
    if let keepalive = self.keepalive {
      self.keepalive?.time = max(keepalive.time, min(time, Self.maxKeepaliveTime / 2) * 2)
    }
  }

  private mutating func backOff(
    _ index: Int, _ error: RPCError?, from start: NIODeadline, now: NIODeadline
  ) -> [Action] {
    let target = self.slots[index].target
    self.targets[target].isStale = self.targets[target].address == nil
    self.slots[index].failures += 1
    let until = start + TimeAmount(clamping: self.configuration.backoff.delay(failures: self.slots[index].failures))
    guard until > now else {
      self.slots[index].failures = 0
      self.slots[index].phase = .idle
      return []
    }
    self.slots[index].phase = .backingOff(error, until: until)
    return [.advance(at: until)]
  }
}
