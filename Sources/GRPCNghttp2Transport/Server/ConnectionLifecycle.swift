package import NIOCore

/// The time limits of a server's connection: what to do when, without clock and socket.
///
/// The owner tells it what happens, and asks ``expire(at:incompleteHeaderSection:)`` at ``nextDeadline``.
package struct ConnectionLifecycle {
  /// What a time limit asks for.
  package enum Action: Hashable {
    /// Send a PING, whose answer is one of many things that show that the client is there.
    case sendPing
    /// Send a GOAWAY, let the open calls finish within the grace, if there is one, and tell ``beginDrain(at:grace:)``.
    case drain(Reason, grace: TimeAmount?)
    /// Send the last GOAWAY although the client hasn't answered the first.
    case finishDrain
    case close(Reason)
  }

  /// Which time limit passed.
  package enum Reason: Hashable {
    case handshake
    case headerSection
    case idle
    case age
    case keepalive
    case grace
  }

  private let policy: ConnectionPolicy
  /// How long the connection may live from its handshake on.
  private let lifetime: TimeAmount?
  private var handshake: NIODeadline?
  private var age: NIODeadline?
  private var idle: NIODeadline?
  private var keepalive: NIODeadline?
  private var pingAnswer: NIODeadline?
  private var header: (section: UInt64, deadline: NIODeadline)?
  private var drainNotice: NIODeadline?
  private var grace: NIODeadline?

  private var isDraining = false
  private var isIdle = true
  private var hasReceived = false
  private var silentQuarters = 0

  /// Starts with the accept, and until ``finishHandshake(at:)`` limits the handshake alone; `jitter`, from -1 to 1,
  /// spreads the ages of connections that were opened together.
  package init(_ policy: ConnectionPolicy, at now: NIODeadline, jitter: Double) {
    self.policy = policy
    self.handshake = now + policy.handshakeTimeout
    self.lifetime = policy.maxAge.map { maxAge in
      let spread = Double(maxAge.nanoseconds) * ConnectionPolicy.ageSpread * jitter
      return maxAge + .nanoseconds(Int64(spread))
    }
  }

  /// When the first limit passes; it may move closer with each thing told.
  package var nextDeadline: NIODeadline? {
    let all = [
      self.handshake, self.age, self.idle, self.keepalive, self.pingAnswer, self.header?.deadline, self.drainNotice,
      self.grace,
    ]
    return all.compactMap { $0 }.min()
  }

  /// The connection's protocol is agreed on, now or earlier; returns whether there are new limits.
  ///
  /// Age, idleness and silence count from here: a client that couldn't use the connection before can't be told that it
  /// ends, and would take that for a server that can't be reached.
  package mutating func finishHandshake(at now: @autoclosure () -> NIODeadline) -> Bool {
    guard self.handshake != nil else { return false }
    self.handshake = nil
    let now = now()
    self.keepalive = self.policy.keepaliveTime.map { now + $0.quarter }
    if !self.isDraining {
      self.age = self.lifetime.map { now + $0 }
      self.idle = self.isIdle ? self.policy.maxIdle.map { now + $0 } : nil
    }
    return true
  }

  /// Bytes came, whatever they are, so that the client is alive (gRFC A8); `incompleteHeaderSection` numbers the header
  /// section that they leave unfinished.
  ///
  /// Returns whether that is a new limit.
  package mutating func receive(
    incompleteHeaderSection: UInt64?, at now: @autoclosure () -> NIODeadline
  ) -> Bool {
    self.hasReceived = true
    self.pingAnswer = nil
    guard self.header?.section != incompleteHeaderSection else { return false }
    self.header = incompleteHeaderSection.map { ($0, now() + self.policy.headerSectionTimeout) }
    return self.header != nil
  }

  package mutating func openCall() {
    self.isIdle = false
    self.idle = nil
  }

  /// The last open call is over; returns whether that is a new limit.
  package mutating func closeLastCall(at now: @autoclosure () -> NIODeadline) -> Bool {
    self.isIdle = true
    guard !self.isDraining, self.handshake == nil, let maxIdle = self.policy.maxIdle else { return false }
    self.idle = now() + maxIdle
    return true
  }

  /// Calls may go on for `grace`, or for ever without; an earlier end stays. Returns false when it was draining
  /// already.
  package mutating func beginDrain(at now: NIODeadline, grace: TimeAmount?) -> Bool {
    if let end = grace.map({ now + $0 }) {
      self.grace = min(end, self.grace ?? end)
    }
    guard !self.isDraining else { return false }
    self.isDraining = true
    self.age = nil
    self.idle = nil
    self.drainNotice = now + self.policy.keepaliveTimeout
    return true
  }

  /// The client has read the first GOAWAY; returns false when none is unread.
  package mutating func drainNoticeAcknowledged() -> Bool {
    defer { self.drainNotice = nil }
    return self.drainNotice != nil
  }

  /// Takes one limit that has passed; nil when there is none.
  ///
  /// A header section that is no longer unfinished has met its limit.
  package mutating func expire(at now: NIODeadline, incompleteHeaderSection: UInt64?) -> Action? {
    if self.handshake.hasPassed(now) { return .close(.handshake) }
    if self.grace.hasPassed(now) { return .close(.grace) }
    if self.pingAnswer.hasPassed(now) { return .close(.keepalive) }
    if let header = self.header, header.deadline <= now {
      self.header = nil
      if header.section == incompleteHeaderSection { return .close(.headerSection) }
    }
    if self.drainNotice.hasPassed(now) {
      self.drainNotice = nil
      return .finishDrain
    }
    if self.age.hasPassed(now) {
      self.age = nil
      return .drain(.age, grace: self.policy.maxAgeGrace)
    }
    if self.idle.hasPassed(now) {
      self.idle = nil
      return .drain(.idle, grace: self.policy.maxAgeGrace)
    }
    return self.checkSilence(at: now)
  }

  /// Looks four times in each keepalive time whether anything came, which is cheaper than noting when it did.
  private mutating func checkSilence(at now: NIODeadline) -> Action? {
    guard let keepaliveTime = self.policy.keepaliveTime, self.keepalive.hasPassed(now) else { return nil }
    self.keepalive = now + keepaliveTime.quarter
    self.silentQuarters = self.hasReceived ? 0 : self.silentQuarters + 1
    self.hasReceived = false
    guard self.silentQuarters >= 4, self.pingAnswer == nil else { return nil }
    self.silentQuarters = 0
    self.pingAnswer = now + self.policy.keepaliveTimeout
    return .sendPing
  }
}

extension NIODeadline? {
  fileprivate func hasPassed(_ now: NIODeadline) -> Bool {
    self.map { $0 <= now } ?? false
  }
}

extension TimeAmount {
  /// At least a nanosecond, so that what repeats makes progress.
  fileprivate var quarter: TimeAmount { .nanoseconds(max(self.nanoseconds / 4, 1)) }
}
