import GRPCCore
import HTTP2Session
import Logging
import NIOCore

/// The connection's time limits, and what it makes of pings.
extension ServerConnection {
  /// Marks the ping whose answer tells that the client has read the shutdown notice.
  private static let shutdownPing: UInt64 = 0x7368_7574_646f_776e
  /// Marks the ping that makes the client say something.
  private static let keepalivePing: UInt64 = 0x6b65_6570_616c_6976

  /// How long calls, and clients that read slowly, may take once the server stops.
  var gracePeriod: TimeAmount { TimeAmount(clamping: self.configuration.shutdownGracePeriod) }

  /// Refuses new calls, lets the open ones finish within the grace period, then closes.
  ///
  /// Their handlers are told, since some go on for as long as nobody stops them. The drain of a connection that is too
  /// old is no reason for that: the server goes on, and so may what it does for this client.
  func beginGracefulShutdown() {
    guard !self.isStopping else { return }
    self.isStopping = true
    for stream in self.streams.values {
      stream.cancellation.cancelHandle()
    }
    self.handler.limitLinger(to: .now() + self.gracePeriod)
    self.drain(grace: self.gracePeriod)
  }

  /// Gives the client at least `time` to take something more of what it is sent last.
  func waitForReader(_ time: TimeAmount) {
    self.readerPatience = max(time, self.readerPatience ?? time)
  }

  /// None when calls are open, which only an offence of the client's can end.
  var patience: TimeAmount? { self.hasCalls ? nil : self.readerPatience }

  /// Sees to it that the timer fires for the next limit; starts the limits of a new connection.
  func armTimer() {
    self.timer.arm(at: self.lifecycle.nextDeadline, on: self.handler.eventLoop) { [weak self] in self?.timerFired() }
  }

  func connectionReceivedBurst() {
    let (section, pings, isConfigured) = self.handler.inspect {
      ($0.incompleteHeaderSection, $0.pingsReceived, $0.isConfigured)
    }
    let isReady = isConfigured && self.lifecycle.finishHandshake(at: .now())
    let hasNewSection = self.lifecycle.receive(incompleteHeaderSection: section, at: .now())
    if isReady || hasNewSection {
      self.armTimer()
    }
    if pings != self.pingsSeen {
      self.judgePings(pings)
    }
  }

  /// A call is over and no longer among the open ones.
  func callClosed() {
    if !self.hasCalls, self.lifecycle.closeLastCall(at: .now()) {
      self.armTimer()
    }
  }

  func pingAcknowledged(_ payload: UInt64) {
    if payload == Self.shutdownPing, self.lifecycle.drainNoticeAcknowledged() {
      self.finishDrain()
    }
  }

  private var hasCalls: Bool { !self.streams.isEmpty || !self.pendingFastCalls.isEmpty }

  /// Sends a GOAWAY that refuses nothing yet, and a ping to learn when the client has read it.
  private func drain(grace: TimeAmount?) {
    guard self.handler.isOpen else { return }
    self.waitForReader(grace ?? self.gracePeriod)
    if self.lifecycle.beginDrain(at: .now(), grace: grace) {
      if let grace {
        self.handler.limitLinger(to: .now() + grace)
      }
      self.handler.perform { session throws(HTTP2Error) in
        try session.submitShutdownNotice()
        try session.ping(payload: Self.shutdownPing)
      }
    }
    self.armTimer()
  }

  /// Refuses further calls, and ends the connection after the last open one.
  private func finishDrain() {
    self.handler.perform { session throws(HTTP2Error) in try session.submitGoAway() }
  }

  private func timerFired() {
    self.timer.fired()
    let now = NIODeadline.now()
    while self.handler.isOpen {
      let section = self.handler.inspect { $0.incompleteHeaderSection }
      guard let action = self.lifecycle.expire(at: now, incompleteHeaderSection: section) else { break }
      self.perform(action)
    }
    if self.handler.isOpen {
      self.armTimer()
    }
  }

  private func perform(_ action: ConnectionLifecycle.Action) {
    switch action {
    case .sendPing:
      self.handler.perform { session throws(HTTP2Error) in try session.ping(payload: Self.keepalivePing) }
    case .drain(_, let grace):
      self.drain(grace: grace)
    case .finishDrain:
      self.finishDrain()
    case .close(let reason):
      self.close(reason)
    }
  }

  private func close(_ reason: ConnectionLifecycle.Reason) {
    switch reason {
    case .handshake:
      self.close(.settingsTimeout, "The client didn't complete its handshake in time.")
    case .headerSection:
      self.close(.enhanceYourCalm, "The client didn't complete a header section in time.")
    case .keepalive:
      self.close(.noError, "The client didn't answer a ping in time.")
    case .grace, .age, .idle:
      self.close(.noError, "The server closed the connection, and its calls went on beyond the grace period.")
    }
  }

  private func judgePings(_ count: UInt64) {
    let new = count - self.pingsSeen
    self.pingsSeen = count
    let sent = self.handler.inspect { $0.callFramesSent }
    let now = NIODeadline.now()
    for _ in 0..<new {
      let isAllowed = self.pingStrikes.receivePing(at: now, hasCalls: self.hasCalls, callFramesSent: sent)
      guard isAllowed else {
        // Clients look for these words, and ping less often from then on (gRFC A8).
        self.close(.enhanceYourCalm, "The client pings too often.", debugData: "too_many_pings")
        return
      }
    }
  }

  private func close(_ code: HTTP2ErrorCode, _ message: String, debugData: String = "") {
    self.handler.perform { session throws(HTTP2Error) in
      try session.submitGoAway(code: code, debugData: debugData)
    }
    self.handler.abort(RPCError(code: .unavailable, message: message))
  }
}
