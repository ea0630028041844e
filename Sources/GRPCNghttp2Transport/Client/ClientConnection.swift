import GRPCCore
import HTTP2Session
import NIOCore
import Synchronization

/// One connection to a server.
///
/// `@unchecked Sendable`: the variables are used on the connection's event loop only, `peers` and the counts behind
/// their own locks.
final class ClientConnection: ConnectionDelegate, PooledConnection, @unchecked Sendable {
  /// What the owner of the connections has to know.
  enum Change: Sendable {
    /// It takes no new calls; those on it go on. `politely`: the server said so in a GOAWAY without an error.
    case draining(politely: Bool)
    case closed
    /// The server wants fewer pings than one each `time`.
    case pingedTooOften(time: Duration)
    /// It may take more calls than before.
    case limitChanged
  }

  /// How gRPC writes the two ends of the socket.
  struct Peers: Sendable {
    var remote = "unknown"
    var local = "unknown"
  }

  let handler: SessionHandler
  /// The calls that were given this connection and haven't ended.
  private let openCalls = Atomic<Int>(0)
  private let maxConcurrentCalls = Atomic<Int>(100)
  private let hasFailed = Atomic<Bool>(false)
  private let recentFailures = Mutex(RecentFailures())
  private let proven = Atomic<Bool>(false)
  private let sharedPeers = Mutex(Peers())
  private let onChange: @Sendable (ClientConnection, Change) -> Void
  private let ready: EventLoopPromise<Void>
  private let deadline: NIODeadline
  private var settingsTimer: Scheduled<Void>?
  private var streams: [Int32: ClientStream] = [:]
  /// The calls that the server's limit or a full socket keeps from being sent.
  private var waiting = WaitingCalls<ClientStream>()
  /// What counts against the server's limit: the open streams, also those that were given up and aren't closed yet.
  private var activeStreams = 0
  /// Whether it takes no new calls; on the event loop.
  private(set) var isDraining = false
  /// Whether it takes none because the server said so in a GOAWAY without an error; on the event loop.
  private(set) var endsPolitely = false
  /// Whether it is to be closed after its last call.
  private var isRetired = false
  /// How often `keepalive` pings.
  private let keepaliveTime: Duration?
  private var keepalive: KeepaliveState?
  private var keepaliveTimer: Scheduled<Void>?

  /// The most that is handed to HTTP/2 in one go, in bytes of headers: less than what is taken from it before the
  /// socket's writability is looked at again, so that a call that the socket has no room for isn't begun.
  private static let openChunk = 1 << 15

  /// `deadline` is when the server's SETTINGS must have come.
  init(
    configuration: Nghttp2ClientConfiguration, keepalive: ClientKeepalive?, deadline: NIODeadline,
    eventLoop: any EventLoop, onChange: @escaping @Sendable (ClientConnection, Change) -> Void
  ) throws {
    self.onChange = onChange
    self.deadline = deadline
    self.keepaliveTime = keepalive?.time
    self.keepalive = keepalive.map { KeepaliveState($0, now: .now()) }
    self.handler = try SessionHandler(
      role: .client, configuration: HTTP2Configuration(configuration), eventLoop: eventLoop)
    // After what can throw: a promise must be kept.
    self.ready = eventLoop.makePromise()
  }

  var peers: Peers { self.sharedPeers.withLock { $0 } }

  var load: Int {
    let calls = self.openCalls.load(ordering: .relaxed)
    guard self.hasFailed.load(ordering: .relaxed) else { return calls }
    return calls + self.recentFailures.withLock { $0.count(at: .now()) }
  }

  var freeCalls: Int {
    self.maxConcurrentCalls.load(ordering: .relaxed) - self.openCalls.load(ordering: .relaxed)
  }

  var isProven: Bool { self.proven.load(ordering: .relaxed) }

  /// Succeeds with the server's SETTINGS, fails when the connection closes before.
  var whenReady: EventLoopFuture<Void> { self.ready.futureResult }

  /// Counts a call that is given this connection; from any thread.
  func callBegan() {
    self.openCalls.add(1, ordering: .relaxed)
  }

  /// The call has ended or was given another connection; from any thread.
  func callEnded() {
    self.openCalls.subtract(1, ordering: .relaxed)
  }

  /// The server has taken no part in a call, which may go elsewhere; from any thread.
  func callRefused() {
    self.recentFailures.withLock { $0.add(at: .now()) }
    self.hasFailed.store(true, ordering: .relaxed)
  }

  /// Sends a call in its turn, as soon as the server's limit and the socket allow it; on the event loop.
  ///
  /// Until then the call is refused should the connection end.
  func send(_ stream: ClientStream) {
    guard self.handler.isOpen, !self.isDraining else {
      self.drain()
      stream.leave()
      return
    }
    stream.waits(self.waiting.append(stream))
    self.handler.scheduleFlush()
  }

  /// Drops a stream whose call has ended here; on the event loop.
  func forget(_ stream: ClientStream) {
    if let streamID = stream.streamID {
      self.streams[streamID] = nil
    } else if let ticket = stream.ticket {
      self.waiting.remove(ticket)
    }
  }

  /// Says goodbye and closes, calls or not; from any thread.
  func close() {
    self.handler.eventLoop.execute {
      guard self.handler.isOpen else { return }
      self.drain()
      self.handler.perform { session throws(HTTP2Error) in try session.terminate(code: .noError) }
      // At once, since a server that reads nothing keeps the goodbye from being written.
      self.handler.abort(RPCError(code: .unavailable, message: "The client closed the connection."))
    }
  }

  /// Ends the open calls and closes; from any thread.
  func abort(_ error: RPCError) {
    self.handler.eventLoop.execute { self.handler.abort(error) }
  }

  /// Takes no more calls and closes after the last; from any thread.
  func retire() {
    self.handler.eventLoop.execute {
      self.isRetired = true
      self.drain()
      self.closeIfRetired()
    }
  }

  private func closeIfRetired() {
    guard self.isRetired, self.activeStreams == 0 else { return }
    self.handler.perform { session throws(HTTP2Error) in try session.terminate(code: .noError) }
  }

  private func drain(politely: Bool = false) {
    guard !self.isDraining else { return }
    self.isDraining = true
    self.endsPolitely = politely
    self.onChange(self, .draining(politely: politely))
    self.refuseWaiting()
  }

  private func refuseWaiting() {
    while let stream = self.waiting.popFirst() {
      stream.leave()
    }
  }

  private func failStreams(_ error: RPCError) {
    let streams = self.streams
    self.streams = [:]
    for stream in streams.values {
      stream.attemptEnded(error)
    }
  }

  // MARK: Keepalive

  private func stepKeepalive() {
    self.keepaliveTimer = nil
    guard self.handler.isOpen, let step = self.keepalive?.step(now: .now(), hasCalls: self.activeStreams > 0) else {
      return
    }
    switch step {
    case .ping:
      self.handler.perform { session throws(HTTP2Error) in try session.ping(payload: 0) }
      self.stepKeepalive()
    case .wait(let time):
      self.keepaliveTimer = self.handler.eventLoop.scheduleTask(deadline: time) { [weak self] in self?.stepKeepalive() }
    case .rest:
      break
    case .dead:
      let failure = RPCError(code: .unavailable, message: "The server does not answer any more.")
      self.drain()
      // Not left to the end of the socket, which may take what is written for minutes.
      self.failStreams(failure)
      self.handler.abort(failure)
    }
  }

  // MARK: ConnectionDelegate

  func connectionOpened(_ channel: any Channel) {
    self.sharedPeers.withLock {
      $0 = Peers(remote: channel.remoteAddress.peerDescription, local: channel.localAddress.peerDescription)
    }
    self.settingsTimer = channel.eventLoop.scheduleTask(deadline: self.deadline) { [handler] in
      handler.abort(RPCError(code: .unavailable, message: "The server sent no HTTP/2 SETTINGS in time."))
    }
  }

  func connectionReceived(_ event: HTTP2Event, in bytes: ByteBuffer) {
    switch event {
    case .headers(let streamID, let fields, let endStream):
      self.proven.store(true, ordering: .relaxed)
      self.streams[streamID]?.receive(Array(fields), endStream: endStream)
    case .headerListTooLarge(let streamID, _):
      self.streams[streamID]?.fail(
        RPCError(code: .resourceExhausted, message: "The response's metadata is larger than the limit."))
    case .data(let streamID, let range):
      self.handler.perform { session throws(HTTP2Error) in try session.consumeConnection(count: range.count) }
      if let stream = self.streams[streamID] {
        bytes.withUnsafeReadableBytes { stream.receive(UnsafeRawBufferPointer(rebasing: $0[range])) }
      }
    case .endStream(let streamID):
      self.streams[streamID]?.receiveEnd()
    case .streamClosed(let streamID, let code):
      self.activeStreams -= 1
      if let stream = self.streams.removeValue(forKey: streamID) {
        self.streamClosed(stream, code)
      }
      if !self.waiting.isEmpty {
        self.handler.scheduleFlush()
      }
      self.closeIfRetired()
    case .endStreamSent:
      break
    case .dataTaken(let streamID, let count, let writes):
      self.streams[streamID]?.outbound.sent(count, messages: writes)
    case .headersNotSent(let streamID):
      // A request that the server's GOAWAY refused is closed as such; otherwise it is too large to send.
      if !self.isDraining {
        self.streams[streamID]?.fail(
          RPCError(code: .internalError, message: "The request's headers could not be sent."))
      }
    case .settings:
      self.receiveSettings()
    case .goAway(let lastStreamID, let code, let saysTooManyPings):
      if self.streams.keys.contains(where: { $0 <= lastStreamID }) {
        self.proven.store(true, ordering: .relaxed)
      }
      if code == .enhanceYourCalm, saysTooManyPings, let time = self.keepaliveTime {
        self.onChange(self, .pingedTooOften(time: time))
      }
      self.drain(politely: code == .noError)
    case .pingAcknowledged:
      break
    }
  }

  /// Whatever came shows that the server is alive (gRFC A8).
  func connectionReceivedBurst() {
    guard self.keepalive?.received(now: .now()) == true else { return }
    self.keepaliveTimer?.cancel()
    self.stepKeepalive()
  }

  /// Opens the streams that may be sent. Not earlier, because a call is lost when its connection ends in between.
  func connectionWillSend() {
    guard !self.waiting.isEmpty else { return }
    var headerBytes = 0
    while headerBytes < Self.openChunk, self.activeStreams < self.maxConcurrentCalls.load(ordering: .relaxed),
      let stream = self.waiting.popFirst()
    {
      do throws(HTTP2Error) {
        guard let opened = try stream.open() else { continue }
        self.streams[opened.streamID] = stream
        self.activeStreams += 1
        headerBytes += opened.headerBytes
      } catch {
        // The stream ids are used up, which is no failure of the server's: the connection ends after its last call (RFC
        // 9113 section 5.1.1).
        self.isRetired = true
        self.drain(politely: true)
        stream.leave()
        self.closeIfRetired()
      }
    }
    if self.keepalive != nil, self.keepaliveTimer == nil {
      self.stepKeepalive()
    }
  }

  func connectionEnded(_ error: (any Error)?) {
    self.settingsTimer?.cancel()
    self.keepaliveTimer?.cancel()
    self.drain()
    let failure = RPCError(code: .unavailable, message: "The connection to the server was lost.", cause: error)
    self.failStreams(failure)
    self.ready.fail(failure)
  }

  func connectionClosed() {
    self.onChange(self, .closed)
  }

  /// A stream that the server refuses, or that is above the last one of its GOAWAY, was never processed.
  private func streamClosed(_ stream: ClientStream, _ code: HTTP2ErrorCode) {
    if code == .refusedStream {
      stream.refused()
    } else {
      stream.attemptEnded(RPCError(streamClosedWith: code))
    }
  }

  private func receiveSettings() {
    let limit = self.handler.perform { session throws(HTTP2Error) in session.peerMaxConcurrentStreams }
    self.maxConcurrentCalls.store(Int(limit ?? 0), ordering: .relaxed)
    self.onChange(self, .limitChanged)
    self.settingsTimer?.cancel()
    self.ready.succeed()
    if self.keepaliveTimer == nil {
      self.stepKeepalive()
    }
  }
}

extension HTTP2Configuration {
  /// What a configuration within its ranges says.
  fileprivate init(_ configuration: Nghttp2ClientConfiguration) {
    self.init()
    self.streamWindowBytes = Int32(clamping: configuration.streamWindowBytes)
    self.connectionWindowBytes = Int32(clamping: configuration.connectionWindowBytes)
    self.maxHeaderListBytes = configuration.maxHeaderListBytes
    self.firstStreamID = configuration.firstStreamID
  }
}
