import GRPCCore
import HTTP2Session
import Logging
import NIOCore

/// Starts a call's handler; returns when it has answered.
typealias StreamHandler =
  @Sendable (
    RPCStream<Nghttp2ServerTransport.Inbound, Nghttp2ServerTransport.Outbound>, ServerContext
  ) async -> Void

/// One client's connection.
///
/// `@unchecked Sendable`: the variables are used on the connection's event loop only. Exclusive access to those that
/// every call uses isn't checked at run time: nothing that they do comes back here.
final class ServerConnection: ConnectionDelegate, @unchecked Sendable {
  let handler: SessionHandler
  let configuration: Nghttp2ServerConfiguration
  let registry: ServerConnectionRegistry
  let streamHandler: StreamHandler
  let logger: Logger
  private let methods: MethodTable

  /// The requests that a fast path may answer once they are complete, and those that wait for its answers.
  @exclusivity(unchecked) var pendingFastCalls = StreamTable<PendingFastCall>()
  /// Those of which the bytes being dispatched brought something, answered ones among them.
  @exclusivity(unchecked) var touchedFastCalls: [PendingFastCall] = []
  /// What a fast path has answered later, from any thread.
  let completedFastCalls = CompletedFastCalls()
  /// The calls that began in the bytes being dispatched, and whose handlers are started once all of these are.
  @exclusivity(unchecked) var newCalls = NewCalls()
  /// The payload bytes of the present burst.
  private var receivedBytes = 0
  @exclusivity(unchecked) private(set) var streams = StreamTable<ServerStream>()
  /// The open streams whose requests were answered with a bare HTTP status.
  private var refused = StreamTable<RefusedRequest>()
  /// The client, known once the connection is open; set on the event loop.
  var peer = ConnectionPeer.unknown
  @exclusivity(unchecked) var lifecycle: ConnectionLifecycle
  var timer = ConnectionTimer()
  var pingStrikes: PingStrikes
  var pingsSeen: UInt64 = 0
  /// How long the client may take nothing of what it is sent last; nil before either side has taken its leave.
  var readerPatience: TimeAmount?
  /// Whether the server is shutting down, as every handler is told.
  var isStopping = false
  /// What the requests hold in memory.
  let budget: ConnectionBudget
  @exclusivity(unchecked) var openCallBytes = OpenCallBytes()
  /// How often to look whether clients go on with their requests; nil for never.
  let requestLookInterval: TimeAmount?
  var requestTimer: Scheduled<Void>?
  /// The handlers that run on after their calls were given up, and the promises of a fast path for such calls.
  let abandonedHandlers = HandlerCount()

  init(
    configuration: Nghttp2ServerConfiguration, registry: ServerConnectionRegistry, budget: MemoryBudget,
    eventLoop: any EventLoop, logger: Logger, methods: MethodTable, streamHandler: @escaping StreamHandler
  ) throws {
    self.configuration = configuration
    self.budget = ConnectionBudget(limit: configuration.maxHeldBytesPerConnection, server: budget)
    self.requestLookInterval = configuration.requestTimeout.map(RequestWatch.interval)
    self.registry = registry
    self.streamHandler = streamHandler
    self.logger = logger
    self.methods = methods
    self.lifecycle = ConnectionLifecycle(
      ConnectionPolicy(configuration), at: .now(), jitter: Double.random(in: -1...1))
    self.pingStrikes = PingStrikes(configuration)
    self.handler = try SessionHandler(
      role: .server, configuration: HTTP2Configuration(configuration),
      lingerTime: TimeAmount(clamping: configuration.lingerTime), eventLoop: eventLoop)
  }

  /// Closes the socket and cancels every handler.
  func abort() {
    self.handler.abort(RPCError(code: .unavailable, message: "The server was stopped."))
  }

  // MARK: ConnectionDelegate

  func connectionOpened(_ channel: any Channel) {
    self.peer.remote = channel.remoteAddress.peerDescription
    self.peer.local = channel.localAddress.peerDescription
  }

  func connectionReceived(_ event: HTTP2Event, in bytes: ByteBuffer) {
    switch event {
    case .headers(let streamID, let fields, let endStream):
      if let stream = self.streams[streamID] ?? self.fallThrough(streamID, in: bytes) {
        // Trailers of a request carry nothing in gRPC but its end.
        if endStream {
          stream.receiveEnd()
        }
      } else if self.refused[streamID] == nil {
        self.open(streamID, fields: fields, endStream: endStream)
      }
    case .headerListTooLarge(let streamID, _):
      if let stream = self.streams[streamID] ?? self.fallThrough(streamID, in: bytes) {
        stream.end(
          with: RPCError(code: .resourceExhausted, message: "The request's trailers are larger than the limit."))
      } else {
        self.answer(streamID, .http(status: 431))
      }
    case .data(let streamID, let range):
      self.receivedBytes += range.count
      if self.receiveFast(streamID, range, in: bytes) { return }
      if let stream = self.streams[streamID] {
        bytes.withUnsafeReadableBytes { stream.receive(UnsafeRawBufferPointer(rebasing: $0[range])) }
      } else {
        self.refused[streamID]?.bodyBytes += range.count
        self.stopIfRefused(streamID)
      }
    case .endStream(let streamID):
      if self.finishFast(streamID, in: bytes) { return }
      self.streams[streamID]?.receiveEnd()
    case .streamClosed(let streamID, let code):
      self.closeFast(streamID)
      if let stream = self.streams.removeValue(forKey: streamID) {
        self.openCallBytes.change(by: -OpenCallBytes.perCall, self.budget)
        stream.closed(RPCError(streamClosedWith: code))
      }
      self.refused.removeValue(forKey: streamID)
      self.callClosed()
    case .endStreamSent(let streamID):
      if self.refused[streamID] == nil {
        // The answer is complete, so the client need not send the rest of its request (RFC 9113 section 8.1).
        self.reset(streamID, .noError)
      } else {
        self.refused[streamID]?.isAnswered = true
        self.stopIfRefused(streamID)
      }
    case .dataTaken(let streamID, let count, let writes):
      self.streams[streamID]?.outbound.sent(count, messages: writes)
    case .headersNotSent(let streamID):
      self.reset(streamID, .internalError)
    case .pingAcknowledged(let payload):
      self.pingAcknowledged(payload)
    case .goAway:
      // Its calls go on to their end, which it may take its time to read.
      self.waitForReader(self.gracePeriod)
    case .settings:
      break
    }
  }

  func connectionReceivedAll(of bytes: ByteBuffer) {
    if self.receivedBytes > 0 {
      let count = self.receivedBytes
      self.receivedBytes = 0
      self.handler.perform { session throws(HTTP2Error) in try session.consumeConnection(count: count) }
    }
    self.keepFastCalls(from: bytes)
    // Not earlier: with its whole request there a handler rarely has to wait for anything, and so doesn't leave the
    // loop.
    self.startHandlers()
    self.watchRequests()
  }

  func connectionWillSend() {}

  func connectionEnded(_ error: (any Error)?) {
    if let error {
      self.logger.debug("Connection failed.", metadata: ["peer": "\(self.peer.remote)", "error": "\(error)"])
    }
    self.timer.cancel()
    self.requestTimer?.cancel()
    let streams = self.streams.values
    self.streams.removeAll()
    self.openCallBytes.change(by: -streams.count * OpenCallBytes.perCall, self.budget)
    for stream in streams {
      stream.closed(RPCError(code: .cancelled, message: "The client's connection was closed."))
    }
    self.closeAllFast()
  }

  func connectionClosed() {
    self.registry.remove(self)
  }

  // MARK: Calls

  private func open(_ streamID: Int32, fields: HTTP2Fields, endStream: Bool) {
    let head: RequestHead
    do throws(RequestHead.Rejection) {
      head = try RequestHead(
        fields, methods: self.methods, maxHeaderListBytes: self.configuration.maxHeaderListBytes,
        acceptsCompressed: self.configuration.acceptsCompressedRequests)
    } catch {
      self.answer(streamID, error)
      return
    }
    // A client that resets its calls as fast as it makes them leaves handlers behind that HTTP/2 doesn't count.
    guard self.abandonedHandlers.value < self.configuration.maxConcurrentStreams else {
      self.reset(streamID, .refusedStream)
      return
    }
    guard self.mayOpenCall(streamID) else { return }
    self.lifecycle.openCall()
    let descriptor: MethodDescriptor
    switch head.target {
    case .method(let method):
      descriptor = method
    case .fastPath(let entry) where endStream:
      descriptor = entry.fastPath.method
    case .fastPath(let entry):
      self.openFast(streamID, entry, head: head)
      return
    }
    let stream = self.open(streamID, descriptor, head, deadline: head.timeout.map { .now() + TimeAmount(clamping: $0) })
    if endStream {
      stream.receiveEnd()
    }
  }

  /// Opens a call whose handler is started once everything received was dispatched.
  func open(
    _ streamID: Int32, _ descriptor: MethodDescriptor, _ head: RequestHead, deadline: NIODeadline?
  ) -> ServerStream {
    let stream = ServerStream(
      streamID: streamID, descriptor: descriptor, peer: self.peer, deadline: deadline, connection: self.handler,
      budget: self.budget, abandonedHandlers: self.abandonedHandlers, head: head, configuration: self.configuration)
    self.streams[streamID] = stream
    self.openCallBytes.change(by: OpenCallBytes.perCall, self.budget)
    if self.isStopping {
      stream.cancellation.cancelHandle()
    }
    stream.receive(metadata: head.metadata, memory: head.metadataBytes)
    self.newCalls.append(stream)
    return stream
  }

  /// Whether the server has memory for one more call; answers RESOURCE_EXHAUSTED if not.
  private func mayOpenCall(_ streamID: Int32) -> Bool {
    // A few calls are nobody's too large share.
    guard self.openCallBytes.bytes >= ConnectionBudget.step else { return true }
    do throws(RPCError) {
      try self.budget.checkShare()
      return true
    } catch {
      let status = Status(code: Status.Code(error.code), message: error.message)
      self.answer(streamID, .grpc(status, acceptsCompressed: self.configuration.acceptsCompressedRequests))
      return false
    }
  }

  private func answer(_ streamID: Int32, _ rejection: RequestHead.Rejection) {
    if case .http = rejection {
      self.refused[streamID] = RefusedRequest()
    }
    self.handler.perform { session throws(HTTP2Error) in
      let body = rejection.body
      try session.submitResponse(streamID: streamID, fields: rejection.fields, endStream: body.isEmpty)
      guard !body.isEmpty else { return }
      try session.write(streamID: streamID, bytes: body)
      try session.finish(streamID: streamID)
    }
  }

  /// Has a client stop that sends a long body with a refused request; one that sends little may end it by itself, so
  /// that what is wrong with the rest of it is still told.
  private func stopIfRefused(_ streamID: Int32) {
    // The stream's window is never opened, so a client that fills it would wait for ever.
    let longest = min(RefusedRequest.longestBody, self.configuration.streamWindowBytes - 1)
    if let request = self.refused[streamID], request.isAnswered, request.bodyBytes > longest {
      self.reset(streamID, .noError)
    }
  }

  private func reset(_ streamID: Int32, _ code: HTTP2ErrorCode) {
    self.handler.perform { session throws(HTTP2Error) in try session.reset(streamID: streamID, code: code) }
  }
}

/// A request that isn't a gRPC call.
private struct RefusedRequest {
  var isAnswered = false
  var bodyBytes = 0

  /// What may come of a body before the client is told to stop, in bytes.
  static let longestBody = 16_384
}

extension HTTP2Configuration {
  /// What a configuration within its ranges says.
  fileprivate init(_ configuration: Nghttp2ServerConfiguration) {
    self.init()
    self.maxConcurrentStreams = UInt32(clamping: configuration.maxConcurrentStreams)
    self.streamWindowBytes = Int32(clamping: configuration.streamWindowBytes)
    self.connectionWindowBytes = Int32(clamping: configuration.connectionWindowBytes)
    self.maxHeaderListBytes = configuration.maxHeaderListBytes
    self.maxQueuedFrames = 10_000 + 4 * configuration.maxConcurrentStreams
    self.maxResetBurst = UInt32(clamping: configuration.maxResetBurst)
    self.maxResetsPerSecond = UInt32(clamping: configuration.maxResetsPerSecond)
  }
}
