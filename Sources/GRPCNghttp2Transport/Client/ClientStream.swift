import GRPCCore
import HTTP2Session
import NIOCore

/// One call on the client.
///
/// What the caller sends stays in ``outbound`` until the connection opens the stream, and a copy in the replay until
/// the server answers, so that a connection whose server never processed the call can be changed for another, and the
/// call be retried. Its deadline ends it wherever it is.
///
/// `@unchecked Sendable`: the variables are used on the connection's event loop only, also when that is another's after
/// a move; the caller reaches it through the queues.
final class ClientStream: CallStream, @unchecked Sendable {
  let placement: CallPlacement
  let inbound: InboundQueue
  let outbound: OutboundQueue
  let descriptor: MethodDescriptor
  let maxSendMessageBytes: Int
  private let maxReceiveMessageBytes: Int
  let deadline: RequestDeadline
  /// How the request's messages are encoded.
  let encoding: MessageEncoding
  let waitsForReady: Bool
  private enum Position {
    /// Its connection doesn't know it yet.
    case unsent
    case waiting(WaitingCalls<ClientStream>.Ticket)
    case open(Int32)
    /// It is to get another connection.
    case moving
    case closed
  }

  private let pool: ConnectionPool
  private var position = Position.unsent
  private var reader: ResponseReader
  private var replay: RequestReplay
  private var hasRequestEnded = false
  /// Whether a server has refused the call once, or left it out of its GOAWAY.
  private var wasRefused = false
  /// Whether the server has begun to answer: the call can't be made again.
  private var isCommitted = false
  private var retries: CallRetries?
  private var deadlineTimer: Timers.Timer?
  /// What finds it another connection.
  private var move: Task<Void, Never>?
  /// Takes the response of a unary call that no task reads.
  var unaryResponse: UnaryResponse?

  init(
    descriptor: MethodDescriptor, options: CallOptions, deadline: NIODeadline?, retries: CallRetries?,
    connection: ClientConnection, pool: ConnectionPool, configuration: Nghttp2ClientConfiguration,
    unaryResponse: UnaryResponse? = nil
  ) {
    self.unaryResponse = unaryResponse
    self.descriptor = descriptor
    self.deadline = RequestDeadline(deadline)
    self.retries = retries
    self.pool = pool
    self.placement = CallPlacement(on: connection)
    self.waitsForReady = options.waitForReady ?? false
    self.inbound = InboundQueue(windowBytes: configuration.streamWindowBytes)
    self.outbound = OutboundQueue(highWatermark: configuration.writeHighWatermarkBytes)
    self.maxSendMessageBytes = options.maxRequestMessageBytes ?? configuration.maxSendMessageBytes
    self.maxReceiveMessageBytes = options.maxResponseMessageBytes ?? configuration.maxReceiveMessageBytes
    self.encoding = MessageEncoding(options.compression)
    self.reader = ResponseReader(
      limit: self.maxReceiveMessageBytes, maxHeaderListBytes: configuration.maxHeaderListBytes)
    self.replay = RequestReplay(limit: configuration.maxReplayBytes)
  }

  var streamID: Int32? {
    if case .open(let streamID) = self.position { streamID } else { nil }
  }

  /// Its place among the calls of its connection that wait to be sent.
  var ticket: WaitingCalls<ClientStream>.Ticket? {
    if case .waiting(let ticket) = self.position { ticket } else { nil }
  }

  /// Whether nothing of the request is held up any more.
  private var isRequestSent: Bool {
    guard self.hasRequestEnded, let streamID = self.streamID else { return false }
    return self.connection.perform { session throws(HTTP2Error) in session.pendingBytes(streamID: streamID) } == 0
  }

  var connection: SessionHandler { self.placement.connection.handler }

  // MARK: From the caller

  /// Restores what is compressed; called by the reader.
  func open(_ part: InboundPart?) throws(RPCError) -> RPCResponsePart<[UInt8]>? {
    switch part {
    case .metadata(let metadata): .metadata(metadata)
    case .message(let bytes, isCompressed: false): .message(bytes)
    case .message(let bytes, isCompressed: true):
      .message(try Gzip.decompress(bytes, limit: self.maxReceiveMessageBytes))
    case .status(let status, let metadata): .status(status, metadata)
    case nil: nil
    }
  }

  /// Gives the call up unless it is over; from any thread.
  func cancel() {
    guard !self.outbound.isClosed else { return }
    self.execute { self.apply(.reset(.cancel)) }
  }

  func execute(_ body: @escaping @Sendable () -> Void) {
    let connection = self.placement.connection
    connection.handler.eventLoop.execute {
      if self.placement.connection === connection {
        body()
      } else {
        self.execute(body)
      }
    }
  }

  func applyQueued() {
    switch self.position {
    case .open:
      self.applyOperations()
    case .unsent where !self.outbound.isClosed:
      self.watchDeadline()
      self.placement.connection.send(self)
    case .unsent, .waiting, .moving, .closed:
      break
    }
  }

  private func watchDeadline() {
    guard self.deadlineTimer == nil, let deadline = self.deadline.value else { return }
    self.deadlineTimer = Timers.of(self.connection.eventLoop).set(at: deadline) { [weak self] in
      guard let self else { return }
      self.execute { self.fail(.deadlineExceeded) }
    }
  }

  func apply(_ operation: OutboundQueue.Operation) {
    self.replay.record(operation)
    switch operation {
    case .headers:
      // Sent by opening the stream.
      break
    case .message(let prefix, let bytes):
      guard let streamID = self.streamID else { return }
      self.connection.perform { session throws(HTTP2Error) in
        try session.write(streamID: streamID, prefix: prefix, bytes: bytes)
      }
    case .end:
      guard let streamID = self.streamID else { return }
      self.hasRequestEnded = true
      self.connection.perform { session throws(HTTP2Error) in try session.finish(streamID: streamID) }
    case .reset(let code):
      self.fail(RPCError(code: .cancelled, message: "The call was cancelled."), code: code)
    }
  }

  // MARK: From the connection

  /// It is among the calls of its connection that wait to be sent.
  func waits(_ ticket: WaitingCalls<ClientStream>.Ticket) {
    self.position = .waiting(ticket)
  }

  /// Its connection won't send it: it gets another one.
  func leave() {
    guard self.beginMove() else { return }
    self.move = self.pool.move(self)
  }

  /// The server says that it never processed the call, which is made again as if nothing had been sent; once, and then
  /// only if a retry policy asks for it.
  func refused() {
    self.placement.connection.callRefused()
    guard !self.wasRefused, !self.isCommitted, self.rewind() else {
      self.attemptEnded(RPCError(streamClosedWith: .refusedStream))
      return
    }
    self.wasRefused = true
    self.move = self.pool.move(self)
  }

  /// It has another connection, on whose event loop this is called.
  func arrive() {
    guard case .moving = self.position else { return }
    self.position = .unsent
    self.applyQueued()
  }

  /// There is no other connection for it.
  func findsNoConnection(_ error: RPCError) {
    guard case .moving = self.position else { return }
    self.attemptEnded(error)
  }

  private func beginMove() -> Bool {
    if case .closed = self.position { return false }
    self.position = .moving
    return true
  }

  /// Puts all that was sent back; false when the call can't be made again.
  private func rewind() -> Bool {
    guard !self.outbound.isClosed, let operations = self.replay.take(), self.beginMove() else { return false }
    self.outbound.restore(operations)
    self.hasRequestEnded = false
    self.reader.restart()
    return true
  }

  /// Sends the headers, and what was queued after them, and returns the new stream; nil when the call was given up or
  /// its time is over, or the server takes no header list of its size.
  func open() throws(HTTP2Error) -> (streamID: Int32, headerBytes: Int)? {
    guard var fields = self.outbound.firstHeaders else { return nil }
    guard self.deadline.add(to: &fields) else {
      self.closed(RPCError(code: .deadlineExceeded, message: "The deadline passed before the call was sent."))
      return nil
    }
    if let attempts = self.retries?.previousAttempts, attempts > 0 {
      fields.append(HTTP2Field(Self.previousAttempts, "\(attempts)"))
    }
    let size = fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    let limit = self.connection.inspect { $0.peerMaxHeaderListBytes }
    guard size + 32 * fields.count <= limit else {
      self.closed(
        RPCError(
          code: .resourceExhausted,
          message: "The request's metadata is more than the \(limit) bytes that the server takes."))
      return nil
    }
    let streamID = try self.connection.attempt { session throws(HTTP2Error) in try session.submitRequest(fields) }
    self.position = .open(streamID)
    self.applyOperations()
    return (streamID, size)
  }

  /// Tells both sides how often a call was made before (gRFC A6).
  private static let previousAttempts = "grpc-previous-rpc-attempts"

  func receive(_ fields: [HTTP2Field], endStream: Bool) {
    let part: InboundPart
    do throws(RPCError) {
      guard let read = try self.reader.read(fields, endStream: endStream) else { return }
      part = read
    } catch {
      self.attemptFailed(error)
      return
    }
    if !self.isCommitted {
      if case .status(let status, let metadata) = part, let error = RPCError(status: status, metadata: metadata) {
        if error.code == .unavailable { self.placement.connection.callRefused() }
        if self.isMadeAgain(after: error) { return }
      } else {
        self.retries?.succeeded()
      }
      self.isCommitted = true
      self.replay.discard()
    }
    if endStream, self.isRequestSent {
      // Both sides are done: said before the reader can look, so that it doesn't reset a finished stream.
      self.outbound.close(.streamIsOver)
    }
    self.inbound.add(self.noting(part))
    if endStream {
      self.inbound.finish()
    }
    self.takeUnaryResponse()
  }

  func receive(_ bytes: UnsafeRawBufferPointer) {
    var messages: [MessageDeframer.Message] = []
    do throws(RPCError) {
      try self.reader.read(bytes, to: &messages)
    } catch {
      self.attemptFailed(error)
      return
    }
    self.openWindow(self.inbound.add(messages, receivedBytes: bytes.count))
    self.takeUnaryResponse()
  }

  func receiveEnd() {
    self.attemptFailed(RPCError(code: .internalError, message: "The response ended without trailers."))
  }

  /// Ends the call on both sides with an error found here.
  func fail(_ error: RPCError, code: HTTP2ErrorCode = .cancel) {
    self.abandonStream(code)
    self.closed(error)
  }

  /// The stream is gone, or never was: the call is made again if its policy says so, or ends with the error unless a
  /// status was received.
  func attemptEnded(_ error: RPCError) {
    if self.isCommitted || !self.isMadeAgain(after: error) {
      self.closed(error)
    }
  }

  /// The call is over; `error` counts unless a status was received.
  func closed(_ error: RPCError) {
    self.position = .closed
    self.deadlineTimer?.cancel()
    self.deadlineTimer = nil
    self.move?.cancel()
    self.move = nil
    self.replay.discard()
    self.outbound.close(error)
    self.inbound.finish(throwing: error)
    self.takeUnaryResponse()
  }

  /// The response isn't gRPC's.
  private func attemptFailed(_ error: RPCError) {
    if self.isCommitted || !self.isMadeAgain(after: error) {
      self.fail(error)
    }
  }

  /// Makes the call again, after a delay, if its policy says so; false when it doesn't, or can't be had.
  private func isMadeAgain(after error: RPCError) -> Bool {
    guard !self.outbound.isClosed,
      let delay = self.retries?.delay(after: error, isPossible: self.replay.isUsable)
    else { return false }
    self.abandonStream(.cancel)
    guard self.rewind() else { return false }
    self.move = self.pool.move(self, after: delay)
    return true
  }

  /// Has its connection forget it, and the server what it may still work on.
  private func abandonStream(_ code: HTTP2ErrorCode) {
    self.placement.connection.forget(self)
    if let streamID = self.streamID {
      self.connection.perform { session throws(HTTP2Error) in try session.reset(streamID: streamID, code: code) }
    }
  }

  /// The part with the number of attempts before, which callers may want to know.
  private func noting(_ part: InboundPart) -> InboundPart {
    guard let attempts = self.retries?.previousAttempts, attempts > 0 else { return part }
    switch part {
    case .metadata(var metadata):
      metadata.replaceOrAddString("\(attempts)", forKey: Self.previousAttempts)
      return .metadata(metadata)
    case .status(let status, var metadata):
      metadata.replaceOrAddString("\(attempts)", forKey: Self.previousAttempts)
      return .status(status, metadata)
    case .message:
      return part
    }
  }
}

extension RPCError {
  fileprivate static let streamIsOver = RPCError(code: .cancelled, message: "The server has answered the call already.")
}
