import GRPCNghttp2Transport
import NIOCore
import Testing

/// The time limits of a server's connection, on a clock of the test's own.
@Suite struct ConnectionLifecycleTests {
  static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

  /// A connection of time 0; only the limits given apply, and the handshake is over unless it is among them.
  static func lifecycle(
    jitter: Double = 0, isConfigured: Bool = true, _ change: (inout Nghttp2ServerConfiguration) -> Void
  ) -> Subject {
    var configuration = Nghttp2ServerConfiguration.defaults
    configuration.keepaliveTime = nil
    change(&configuration)
    let lifecycle = ConnectionLifecycle(ConnectionPolicy(configuration), at: self.at(0), jitter: jitter)
    let subject = Subject(lifecycle)
    if isConfigured {
      _ = subject.finishHandshake(0)
    }
    return subject
  }

  @Test("Without limits there is nothing to wait for")
  func unlimited() {
    let lifecycle = Self.lifecycle { _ in }
    #expect(lifecycle.nextDeadline == nil)
    #expect(lifecycle.expire(1_000_000) == nil)
  }

  @Test("A handshake that isn't complete in time closes the connection")
  func handshake() {
    let lifecycle = Self.lifecycle(isConfigured: false) { $0.handshakeTimeout = .seconds(10) }
    #expect(lifecycle.nextDeadline == Self.at(10))
    #expect(lifecycle.expire(9) == nil)
    let late = lifecycle.copy()
    #expect(late.expire(10) == .close(.handshake))
    #expect(lifecycle.finishHandshake(9))
    #expect(!lifecycle.finishHandshake(9))
    #expect(lifecycle.expire(10) == nil)
  }

  @Test("Age, idleness and silence count from the end of the handshake")
  func slowHandshake() {
    let lifecycle = Self.lifecycle(isConfigured: false) {
      $0.handshakeTimeout = .seconds(1000)
      $0.maxConnectionIdle = .seconds(3)
      $0.maxConnectionAge = .seconds(5)
      $0.keepaliveTime = .seconds(4)
    }
    #expect(!lifecycle.receive(nil, at: 50))
    // A call may be there before the client has acknowledged the server's SETTINGS.
    lifecycle.openCall()
    #expect(!lifecycle.closeLastCall(60))
    #expect(lifecycle.nextDeadline == Self.at(1000))
    #expect(lifecycle.expire(999) == nil)
    let busy = lifecycle.copy()
    busy.openCall()
    #expect(busy.finishHandshake(100))
    #expect(busy.nextDeadline == Self.at(101))
    #expect(lifecycle.finishHandshake(100))
    #expect(lifecycle.expire(103) == .drain(.idle, grace: nil))
    #expect(busy.expire(105) == .drain(.age, grace: nil))
    let stopping = Self.lifecycle(isConfigured: false) { $0.maxConnectionAge = .seconds(5) }
    #expect(stopping.beginDrain(1, grace: .seconds(90)))
    #expect(stopping.finishHandshake(2))
    #expect(stopping.drainNoticeAcknowledged())
    #expect(stopping.nextDeadline == Self.at(91))
  }

  @Test("Each header section has its own limit, however many bytes come")
  func headerSection() {
    let lifecycle = Self.lifecycle { $0.headerSectionTimeout = .seconds(10) }
    #expect(lifecycle.receive(1, at: 1))
    #expect(!lifecycle.receive(1, at: 9))
    #expect(lifecycle.nextDeadline == Self.at(11))
    let stuck = lifecycle.copy()
    #expect(stuck.expire(11, section: 1) == .close(.headerSection))
    // The section was given up by the session without another byte.
    let refused = lifecycle.copy()
    #expect(refused.expire(11) == nil)
    #expect(lifecycle.receive(2, at: 10))
    #expect(lifecycle.expire(11, section: 2) == nil)
    #expect(!lifecycle.receive(nil, at: 12))
    #expect(lifecycle.nextDeadline == nil)
  }

  @Test("A connection is idle from its handshake or its last call, and is drained once")
  func idle() {
    let lifecycle = Self.lifecycle { $0.maxConnectionIdle = .seconds(60) }
    #expect(lifecycle.nextDeadline == Self.at(60))
    lifecycle.openCall()
    #expect(lifecycle.nextDeadline == nil)
    #expect(lifecycle.closeLastCall(100))
    #expect(lifecycle.expire(159) == nil)
    #expect(lifecycle.expire(160) == .drain(.idle, grace: nil))
    #expect(lifecycle.beginDrain(160, grace: nil))
    #expect(lifecycle.drainNoticeAcknowledged())
    #expect(!lifecycle.closeLastCall(161))
    #expect(lifecycle.nextDeadline == nil)
  }

  @Test("Ages differ by a tenth to either side", arguments: [(-1.0, 900), (0, 1000), (0.5, 1050), (1, 1100)])
  func age(jitter: Double, seconds: Int64) {
    let lifecycle = Self.lifecycle(jitter: jitter) {
      $0.maxConnectionAge = .seconds(1000)
      $0.maxConnectionAgeGrace = .seconds(30)
    }
    lifecycle.openCall()
    #expect(lifecycle.nextDeadline == Self.at(seconds))
    #expect(lifecycle.expire(seconds) == .drain(.age, grace: .seconds(30)))
    #expect(lifecycle.expire(seconds) == nil)
  }

  @Test("A drain ends with the first grace period, and doesn't wait for ever for the client to read of it")
  func drain() {
    let lifecycle = Self.lifecycle { $0.keepaliveTimeout = .seconds(20) }
    #expect(lifecycle.beginDrain(0, grace: nil))
    #expect(lifecycle.nextDeadline == Self.at(20))
    #expect(lifecycle.expire(20) == .finishDrain)
    #expect(!lifecycle.drainNoticeAcknowledged())
    #expect(lifecycle.nextDeadline == nil)
    // The server stops, too, and its grace period is shorter than the longer one that follows.
    #expect(!lifecycle.beginDrain(30, grace: .seconds(5)))
    #expect(!lifecycle.beginDrain(31, grace: .seconds(500)))
    #expect(lifecycle.nextDeadline == Self.at(35))
    #expect(lifecycle.expire(35) == .close(.grace))
  }

  @Test("A silent client is pinged, and closed when it doesn't answer")
  func keepalive() {
    let lifecycle = Self.lifecycle {
      $0.keepaliveTime = .seconds(40)
      $0.keepaliveTimeout = .seconds(15)
    }
    var actions: [(Int64, ConnectionLifecycle.Action)] = []
    func run(_ seconds: ClosedRange<Int64>) {
      for second in seconds {
        guard let action = lifecycle.expire(second) else { continue }
        actions.append((second, action))
      }
    }
    run(1...35)
    #expect(!lifecycle.receive(nil, at: 35))
    run(36...79)
    #expect(actions.isEmpty)
    run(80...90)
    // Anything that comes is an answer.
    #expect(!lifecycle.receive(nil, at: 90))
    run(91...145)
    #expect(actions.map(\.0) == [80, 140])
    #expect(actions.allSatisfy { $0.1 == .sendPing })
    #expect(lifecycle.expire(155) == .close(.keepalive))
  }

  @Test("Only pings that come too soon count, and what is sent between them forgives")
  func strikes() {
    var strikes = PingStrikes(minInterval: .seconds(300), permitsWithoutCalls: false, limit: 2)
    func ping(_ seconds: Int64, hasCalls: Bool = true, sent: UInt64 = 0) -> Bool {
      strikes.receivePing(at: Self.at(seconds), hasCalls: hasCalls, callFramesSent: sent)
    }
    for time: Int64 in [0, 300, 600, 601, 602] {
      #expect(ping(time))
    }
    #expect(ping(603, sent: 1))
    #expect(ping(604, sent: 1))
    #expect(ping(605, sent: 1))
    #expect(!ping(606, sent: 1))
    // Two hours without a call.
    #expect(ping(10_000, sent: 2))
    #expect(ping(11_000, hasCalls: false, sent: 2))
    #expect(ping(12_000, hasCalls: false, sent: 2))
    #expect(ping(20_000, hasCalls: false, sent: 2))
    #expect(!ping(21_000, hasCalls: false, sent: 2))
  }

  @Test("Pings without calls may be permitted")
  func permittedPings() {
    var strikes = PingStrikes(minInterval: .seconds(10), permitsWithoutCalls: true, limit: 0)
    for time in stride(from: 0, to: 100, by: 10) {
      let isAllowed = strikes.receivePing(at: Self.at(Int64(time)), hasCalls: false, callFramesSent: 0)
      #expect(isAllowed)
    }
    let isAllowed = strikes.receivePing(at: Self.at(99), hasCalls: false, callFramesSent: 0)
    #expect(!isAllowed)
  }
}

/// A connection's time limits, told in seconds.
final class Subject {
  private var lifecycle: ConnectionLifecycle

  init(_ lifecycle: ConnectionLifecycle) {
    self.lifecycle = lifecycle
  }

  func copy() -> Subject { Subject(self.lifecycle) }

  var nextDeadline: NIODeadline? { self.lifecycle.nextDeadline }

  func finishHandshake(_ time: Int64) -> Bool {
    self.lifecycle.finishHandshake(at: ConnectionLifecycleTests.at(time))
  }

  func openCall() { self.lifecycle.openCall() }

  func closeLastCall(_ time: Int64) -> Bool {
    self.lifecycle.closeLastCall(at: ConnectionLifecycleTests.at(time))
  }

  func receive(_ section: UInt64?, at time: Int64) -> Bool {
    self.lifecycle.receive(incompleteHeaderSection: section, at: ConnectionLifecycleTests.at(time))
  }

  func beginDrain(_ time: Int64, grace: TimeAmount?) -> Bool {
    self.lifecycle.beginDrain(at: ConnectionLifecycleTests.at(time), grace: grace)
  }

  func drainNoticeAcknowledged() -> Bool { self.lifecycle.drainNoticeAcknowledged() }

  func expire(_ time: Int64, section: UInt64? = nil) -> ConnectionLifecycle.Action? {
    self.lifecycle.expire(at: ConnectionLifecycleTests.at(time), incompleteHeaderSection: section)
  }
}
