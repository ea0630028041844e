import GRPCCore
import HTTP2Session
import NIOCore
import Synchronization

/// One connection to a server.
///
/// `@unchecked Sendable`: the variables are used on the connection's event loop only, `peers` and the counts behind
/// their own locks.
final class ClientConnection: ConnectionDelegate, @unchecked Sendable {
  /// What the owner of the connections has to know.
  enum Change: Sendable {
    /// It takes no new calls; those on it go on.
    case draining
    case closed
  }

  /// How gRPC writes the two ends of the socket.
  struct Peers: Sendable {
    var remote = "unknown"
    var local = "unknown"
  }

  let handler: SessionHandler
  /// The calls that were given this connection and haven't ended.
  let openCalls = Atomic<Int>(0)
  private let maxConcurrentCalls = Atomic<Int>(100)
  private let sharedPeers = Mutex(Peers())
  private let onChange: @Sendable (ClientConnection, Change) -> Void
  private let ready: EventLoopPromise<Void>
  private let settingsTimeout: TimeAmount
  private var settingsTimer: Scheduled<Void>?
  private var streams: [Int32: ClientStream] = [:]
  /// Whether it takes no new calls; on the event loop.
  private(set) var isDraining = false

  init(
    configuration: Nghttp2ClientConfiguration, eventLoop: any EventLoop,
    onChange: @escaping @Sendable (ClientConnection, Change) -> Void
  ) throws {
    self.onChange = onChange
    self.settingsTimeout = TimeAmount(clamping: configuration.connectTimeout)
    self.handler = try SessionHandler(
      role: .client, configuration: HTTP2Configuration(configuration), eventLoop: eventLoop)
    // After what can throw: a promise must be kept.
    self.ready = eventLoop.makePromise()
    self.handler.setDelegate(self)
  }

  var peers: Peers { self.sharedPeers.withLock { $0 } }

  /// Calls that can be sent at once before the server's limit makes them wait.
  var freeCalls: Int {
    self.maxConcurrentCalls.load(ordering: .relaxed) - self.openCalls.load(ordering: .relaxed)
  }

  /// Succeeds with the server's SETTINGS, fails when the connection closes before.
  var whenReady: EventLoopFuture<Void> { self.ready.futureResult }

  /// Sends a call's headers and returns its stream; on the event loop.
  ///
  /// Throws UNAVAILABLE when the connection is ending.
  func open(_ stream: ClientStream, fields: [HTTP2Field]) throws(RPCError) -> Int32 {
    guard self.handler.isOpen, !self.isDraining else {
      throw RPCError(code: .unavailable, message: "The connection to the server was closed.")
    }
    do throws(HTTP2Error) {
      let streamID = try self.handler.attempt { session throws(HTTP2Error) in try session.submitRequest(fields) }
      self.streams[streamID] = stream
      return streamID
    } catch {
      self.drain()
      throw RPCError(code: .unavailable, message: "The call could not be sent.", cause: error)
    }
  }

  /// Drops a stream whose call has ended here; on the event loop.
  func forget(_ streamID: Int32) {
    self.streams[streamID] = nil
  }

  /// Says goodbye and closes, calls or not; from any thread.
  func close() {
    self.handler.eventLoop.execute {
      self.drain()
      self.handler.perform { session throws(HTTP2Error) in try session.terminate(code: .noError) }
    }
  }

  /// Closes the socket now; from any thread.
  func abort(_ error: RPCError) {
    self.handler.eventLoop.execute { self.handler.abort(error) }
  }

  private func drain() {
    guard !self.isDraining else { return }
    self.isDraining = true
    self.onChange(self, .draining)
  }

  // MARK: ConnectionDelegate

  func connectionOpened(_ channel: any Channel) {
    self.sharedPeers.withLock {
      $0 = Peers(remote: channel.remoteAddress.peerDescription, local: channel.localAddress.peerDescription)
    }
    self.settingsTimer = channel.eventLoop.scheduleTask(in: self.settingsTimeout) { [handler] in
      handler.abort(RPCError(code: .unavailable, message: "The server sent no HTTP/2 SETTINGS in time."))
    }
  }

  func connectionReceived(_ event: HTTP2Event, in bytes: ByteBuffer) {
    switch event {
    case .headers(let streamID, let fields, let endStream):
      self.streams[streamID]?.receive(fields, endStream: endStream)
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
      self.streams.removeValue(forKey: streamID)?.closed(RPCError(streamClosedWith: code))
    case .endStreamSent:
      break
    case .dataTaken(let streamID, let count):
      self.streams[streamID]?.outbound.sent(count)
    case .headersNotSent(let streamID):
      // A request that the server's GOAWAY refused is closed as such; otherwise it is too large to send.
      if !self.isDraining {
        self.streams[streamID]?.fail(
          RPCError(code: .internalError, message: "The request's headers could not be sent."))
      }
    case .settings:
      self.receiveSettings()
    case .goAway:
      self.drain()
    case .pingAcknowledged:
      break
    }
  }

  func connectionClosed(_ error: (any Error)?) {
    self.isDraining = true
    self.settingsTimer?.cancel()
    let failure = RPCError(code: .unavailable, message: "The connection to the server was lost.", cause: error)
    let streams = self.streams
    self.streams = [:]
    for stream in streams.values {
      stream.closed(failure)
    }
    self.ready.fail(failure)
    self.onChange(self, .closed)
  }

  private func receiveSettings() {
    let limit = self.handler.perform { session throws(HTTP2Error) in session.peerMaxConcurrentStreams }
    self.maxConcurrentCalls.store(Int(limit ?? 0), ordering: .relaxed)
    self.settingsTimer?.cancel()
    self.ready.succeed()
  }
}

extension HTTP2Configuration {
  fileprivate init(_ configuration: Nghttp2ClientConfiguration) {
    self.init()
    self.streamWindowBytes = Int32(clamping: configuration.streamWindowBytes)
    self.connectionWindowBytes = Int32(clamping: configuration.connectionWindowBytes)
    self.maxHeaderListBytes = configuration.maxHeaderListBytes
  }
}
