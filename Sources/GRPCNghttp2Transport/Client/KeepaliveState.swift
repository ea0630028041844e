package import NIOCore

/// Decides when a connection is pinged and when it is dead, without timers or sockets.
package struct KeepaliveState {
  /// What to do now.
  package enum Step: Hashable {
    case ping
    case wait(until: NIODeadline)
    /// Nothing until a call begins.
    case rest
    case dead
  }

  private let time: TimeAmount
  private let timeout: TimeAmount
  private let permitsWithoutCalls: Bool
  private var lastArrival: NIODeadline
  private var pinged: NIODeadline?

  package init(_ keepalive: ClientKeepalive, now: NIODeadline) {
    self.time = TimeAmount(clamping: keepalive.time)
    self.timeout = TimeAmount(clamping: keepalive.timeout)
    self.permitsWithoutCalls = keepalive.permitsWithoutCalls
    self.lastArrival = now
  }

  /// Anything came from the server, which is therefore alive; true when that ends the wait for a ping's answer.
  package mutating func received(now: NIODeadline) -> Bool {
    self.lastArrival = now
    defer { self.pinged = nil }
    return self.pinged != nil
  }

  /// To be called again after a ping, and when a wait is over.
  package mutating func step(now: NIODeadline, hasCalls: Bool) -> Step {
    if let pinged = self.pinged {
      let end = pinged + self.timeout
      return now < end ? .wait(until: end) : .dead
    }
    guard hasCalls || self.permitsWithoutCalls else { return .rest }
    let due = self.lastArrival + self.time
    guard now >= due else { return .wait(until: due) }
    self.pinged = now
    return .ping
  }
}
