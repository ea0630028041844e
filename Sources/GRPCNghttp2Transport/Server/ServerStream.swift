import GRPCCore
import HTTP2Session
import NIOCore
import Synchronization

/// One call on the server, from its request headers to the end of its stream.
///
/// `@unchecked Sendable`: the variables are used on the connection's event loop only; handlers reach it through the
/// queues.
final class ServerStream: CallStream, @unchecked Sendable {
  let connection: SessionHandler
  let inbound: InboundQueue
  let outbound: OutboundQueue
  let cancellation: HandlerCancellation
  let maxSendMessageBytes: Int
  private let maxReceiveMessageBytes: Int
  /// What ``ResponseCompression`` reads and writes.
  let compressesMessages: Atomic<Bool>
  let wasLastMessageCompressed = Atomic(false)
  private let acceptsGzip: Bool
  /// Whether the response's headers said that its messages may be compressed.
  private let announcesGzip = Atomic(false)
  private(set) var streamID: Int32?

  private enum ResponseState {
    case nothingSent
    case headersSent
    case finished
  }

  private var response = ResponseState.nothingSent
  private var deframer: MessageDeframer
  private var hasRequestEnded = false
  private var requestWatch = RequestWatch()
  private var deadlineTimer: Timers.Timer?
  /// Whether the handler was started; before, there is nothing to cancel.
  private var isStarted = false
  /// Whether the client gave the call up before its handler was started.
  private var isForgotten = false
  let deadline: NIODeadline?
  let descriptor: MethodDescriptor
  /// The client that makes the call.
  let peer: ConnectionPeer

  init(
    streamID: Int32, descriptor: MethodDescriptor, peer: ConnectionPeer, deadline: NIODeadline?,
    connection: SessionHandler, budget: ConnectionBudget,
    abandonedHandlers: HandlerCount, head: RequestHead, configuration: Nghttp2ServerConfiguration
  ) {
    self.streamID = streamID
    self.descriptor = descriptor
    self.peer = peer
    self.deadline = deadline
    self.connection = connection
    self.cancellation = HandlerCancellation(counting: abandonedHandlers)
    self.inbound = InboundQueue(windowBytes: configuration.streamWindowBytes, budget: budget)
    self.outbound = OutboundQueue(highWatermark: configuration.writeHighWatermarkBytes)
    self.maxSendMessageBytes = configuration.maxSendMessageBytes
    self.maxReceiveMessageBytes = configuration.maxReceiveMessageBytes
    self.acceptsGzip = head.acceptsGzip
    self.compressesMessages = Atomic(configuration.responseCompression == .gzip)
    self.deframer = MessageDeframer(
      limit: configuration.maxReceiveMessageBytes, acceptsCompressed: head.encoding == .gzip)
  }

  // MARK: From the connection

  /// Takes the metadata, of which `memory` bytes are held.
  func receive(metadata: Metadata, memory: Int) {
    do throws(RPCError) {
      try self.inbound.add(metadata, memory: memory)
    } catch {
      self.end(with: error)
    }
  }

  /// Takes payload; `creditedBytes` of it the client may have replaced already.
  func receive(_ bytes: UnsafeRawBufferPointer, creditedBytes: Int = 0) {
    guard self.response != .finished else { return }
    var messages: [MessageDeframer.Message] = []
    do throws(RPCError) {
      try self.deframer.append(bytes, to: &messages)
      let credit = try self.inbound.add(
        messages, receivedBytes: bytes.count - creditedBytes, incompleteBytes: self.deframer.heldBytes)
      if !messages.isEmpty {
        self.requestWatch.progressed()
      }
      self.openWindow(credit)
    } catch {
      self.end(with: error)
    }
  }

  func receiveEnd() {
    self.hasRequestEnded = true
    if self.deframer.isAtBoundary {
      self.inbound.finish()
    } else {
      self.end(with: RPCError(code: .internalError, message: "The request ended within a message."))
    }
  }

  /// Notes that the handler is about to run; false when it need not any more.
  ///
  /// A call that has failed already is still handled: its handler finds the error, and who observes handlers sees it.
  func begin() -> Bool {
    guard !self.isForgotten else { return false }
    self.isStarted = true
    if let deadline = self.deadline, deadline <= .now() {
      self.end(with: .deadlineExceeded)
    }
    return true
  }

  /// Looks whether the client goes on with its request, and ends the call when it was waited for too long. Returns
  /// whether to look again.
  func lookAtRequest() -> Bool {
    guard !self.hasRequestEnded, self.response != .finished else { return false }
    guard self.inbound.awaitsPeer else {
      self.requestWatch.progressed()
      return true
    }
    guard self.requestWatch.isOverdue() else { return true }
    self.end(with: .requestOverdue)
    return false
  }

  /// Answers DEADLINE_EXCEEDED when the deadline passes, unless the call is over by then.
  func watchDeadline() {
    guard let deadline = self.deadline, self.streamID != nil, self.response != .finished else { return }
    let eventLoop = self.connection.eventLoop
    self.deadlineTimer = Timers.of(eventLoop).set(at: deadline) { [weak self] in
      guard let self else { return }
      eventLoop.execute { self.end(with: .deadlineExceeded) }
    }
  }

  /// Answers with the error at once, before the messages of which nothing was sent, and cancels the handler.
  func end(with error: RPCError) {
    guard self.response != .finished, let streamID = self.streamID else { return }
    self.cancellation.cancelHandle()
    self.outbound.close(error)
    let trailers = HTTP2Section(trailersOf: Status(code: Status.Code(error.code), message: error.message))
    if self.response == .nothingSent {
      self.sendEnd(streamID, trailers)
    } else {
      let isEnded = self.connection.perform { session throws(HTTP2Error) in
        try session.finishNow(streamID: streamID, trailers: trailers)
      }
      if isEnded == false {
        // Half a message is on its way, after which no status can be read.
        self.apply(.reset(.cancel))
      } else {
        self.finishResponse()
      }
    }
    self.inbound.fail(error)
    self.deframer.drop()
    self.cancellation.cancel()
  }

  /// The stream is gone, by the client's reset or with the connection if the response isn't finished.
  func closed(_ error: RPCError) {
    self.streamID = nil
    self.deadlineTimer?.cancel()
    let isCutOff = self.response != .finished
    self.response = .finished
    let isCancelled = isCutOff && self.isStarted
    if isCancelled {
      self.cancellation.cancelHandle()
    } else if isCutOff {
      self.isForgotten = true
    }
    self.outbound.close(error)
    self.inbound.fail(error)
    self.deframer.drop()
    if isCancelled {
      self.cancellation.cancel()
    }
  }

  // MARK: From the handler

  /// Has the handler go on elsewhere, before it compresses or restores a message: the event loop has other connections
  /// to serve.
  func leaveEventLoop() async {
    // A yield comes back to this thread when another one resumes the task before it is suspended.
    while self.connection.eventLoop.inEventLoop {
      await Task.yield()
    }
  }

  /// Restores what is compressed, and notes that it is read; called by the reader.
  func open(_ part: InboundPart?) throws(RPCError) -> RPCRequestPart<[UInt8]>? {
    switch part {
    case .metadata(let metadata):
      return .metadata(metadata)
    case .message(let bytes, let isCompressed):
      self.wasLastMessageCompressed.store(isCompressed, ordering: .relaxed)
      return .message(isCompressed ? try self.restore(bytes) : bytes)
    case .status, nil:
      return nil
    }
  }

  private func restore(_ bytes: [UInt8]) throws(RPCError) -> [UInt8] {
    let message = try Gzip.decompress(bytes, limit: self.maxReceiveMessageBytes) { size throws(RPCError) in
      try self.inbound.restoring(size)
    }
    self.inbound.restored()
    return message
  }

  /// What the response's headers say of its messages' encoding, once they are written.
  func encodingFields() -> [HTTP2Field] {
    guard self.acceptsGzip, self.compressesMessages.load(ordering: .relaxed) else { return [] }
    self.announcesGzip.store(true, ordering: .relaxed)
    return [HTTP2Field("grpc-encoding", Gzip.name)]
  }

  func encodingOfNextMessage() -> MessageEncoding {
    guard self.announcesGzip.load(ordering: .relaxed) else { return .identity }
    return self.compressesMessages.load(ordering: .relaxed) ? .gzip : .identity
  }

  func apply(_ operation: OutboundQueue.Operation) {
    guard let streamID = self.streamID, self.response != .finished else { return }
    switch operation {
    case .headers(let fields):
      self.sendHeaders(streamID, fields)
    case .message(let prefix, let bytes):
      self.sendHeaders(streamID, [])
      self.connection.perform { session throws(HTTP2Error) in
        try session.write(streamID: streamID, prefix: prefix, bytes: bytes)
      }
    case .end(let trailers):
      self.sendEnd(streamID, trailers ?? .okTrailers)
    case .reset(let code):
      self.finishResponse()
      self.connection.perform { session throws(HTTP2Error) in try session.reset(streamID: streamID, code: code) }
    }
  }

  private func sendHeaders(_ streamID: Int32, _ fields: [HTTP2Field]) {
    guard self.response == .nothingSent else { return }
    self.response = .headersSent
    self.connection.perform { session throws(HTTP2Error) in
      try session.submitResponse(streamID: streamID, headers: HTTP2Section(responseWith: fields))
    }
  }

  private func sendEnd(_ streamID: Int32, _ trailers: HTTP2Section) {
    let hasSentHeaders = self.response == .headersSent
    self.finishResponse()
    self.connection.perform { session throws(HTTP2Error) in
      if hasSentHeaders {
        try session.finish(streamID: streamID, trailers: trailers)
      } else {
        try session.submitResponse(streamID: streamID, headers: trailers.alone, endStream: true)
      }
    }
  }

  private func finishResponse() {
    self.response = .finished
    self.deadlineTimer?.cancel()
    self.deadlineTimer = nil
  }
}

extension RPCError {
  static let deadlineExceeded = RPCError(
    code: .deadlineExceeded, message: "The deadline passed before the call was answered.")
  static let requestOverdue = RPCError(
    code: .deadlineExceeded, message: "The request was not completed in time.")
}
