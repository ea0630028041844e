import GRPCCore
import HTTP2Session
import NIOCore

/// One call on the client.
///
/// What the caller sends stays in ``outbound`` until the connection opens the stream, and a copy in the replay until the
/// server answers, so that a connection whose server never processed the call can be changed for another.
///
/// `@unchecked Sendable`: the variables are used on the connection's event loop only, also when that is another's after a
/// move; the caller reaches it through the queues.
final class ClientStream: CallStream, @unchecked Sendable {
  let placement: CallPlacement
  let inbound: InboundQueue
  let outbound: OutboundQueue
  let descriptor: MethodDescriptor
  let maxSendMessageBytes: Int
  private let maxReceiveMessageBytes: Int
  let deadline: CallDeadline
  /// How the request's messages are encoded.
  let encoding: MessageEncoding
  let waitsForReady: Bool
  private enum Position {
    /// Its connection doesn't know it yet.
    case unsent
    case waiting(WaitingCalls.Ticket)
    case open(Int32)
    /// It is to get another connection.
    case moving
    case closed
  }

  private var position = Position.unsent
  private var reader: ResponseReader
  private var replay: RequestReplay
  private var hasRequestEnded = false

  init(
    descriptor: MethodDescriptor, options: CallOptions, deadline: NIODeadline?, connection: ClientConnection,
    configuration: Nghttp2ClientConfiguration
  ) {
    self.descriptor = descriptor
    self.deadline = CallDeadline(deadline)
    self.placement = CallPlacement(on: connection)
    self.waitsForReady = options.waitForReady ?? false
    self.inbound = InboundQueue(windowBytes: configuration.streamWindowBytes)
    self.outbound = OutboundQueue(highWatermark: configuration.writeHighWatermarkBytes)
    self.maxSendMessageBytes = options.maxRequestMessageBytes ?? configuration.maxSendMessageBytes
    self.maxReceiveMessageBytes = options.maxResponseMessageBytes ?? configuration.maxReceiveMessageBytes
    self.encoding = MessageEncoding(options.compression)
    self.reader = ResponseReader(limit: self.maxReceiveMessageBytes)
    self.replay = RequestReplay(limit: configuration.maxReplayBytes)
  }

  var streamID: Int32? {
    if case .open(let streamID) = self.position { streamID } else { nil }
  }

  /// Its place among the calls of its connection that wait to be sent.
  var ticket: WaitingCalls.Ticket? {
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
      self.placement.connection.send(self)
    case .unsent, .waiting, .moving, .closed:
      break
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
  func waits(_ ticket: WaitingCalls.Ticket) {
    self.position = .waiting(ticket)
  }

  /// Its connection won't send it; ``arrive()`` follows once it has another.
  func leave() {
    self.position = .moving
  }

  /// It has another connection, on whose event loop this is called.
  func arrive() {
    guard case .moving = self.position else { return }
    self.position = .unsent
    self.applyQueued()
  }

  /// Makes the call as if nothing had been sent, and leaves; false when it can't be sent again.
  func startOver() -> Bool {
    guard !self.outbound.isClosed, let operations = self.replay.take() else { return false }
    self.outbound.restore(operations)
    self.hasRequestEnded = false
    self.leave()
    return true
  }

  /// Sends the headers, and what was queued after them, and returns the new stream; nil when the call was given up or its
  /// time is over.
  func open() throws(HTTP2Error) -> (streamID: Int32, headerBytes: Int)? {
    guard var fields = self.outbound.firstHeaders else { return nil }
    guard self.deadline.update(&fields) else {
      self.closed(RPCError(code: .deadlineExceeded, message: "The deadline passed before the call was sent."))
      return nil
    }
    let streamID = try self.connection.attempt { session throws(HTTP2Error) in try session.submitRequest(fields) }
    self.position = .open(streamID)
    self.applyOperations()
    return (streamID, fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count })
  }

  func receive(_ fields: [HTTP2Field], endStream: Bool) {
    self.replay.discard()
    do throws(RPCError) {
      guard let part = try self.reader.read(fields, endStream: endStream) else { return }
      if endStream, self.isRequestSent {
        // Both sides are done: said before the reader can look, so that it doesn't reset a finished stream.
        self.outbound.close(.streamIsOver)
      }
      self.inbound.add(part)
      if endStream {
        self.inbound.finish()
      }
    } catch {
      self.fail(error)
    }
  }

  func receive(_ bytes: UnsafeRawBufferPointer) {
    var messages: [MessageDeframer.Message] = []
    do throws(RPCError) {
      try self.reader.read(bytes, to: &messages)
    } catch {
      self.fail(error)
      return
    }
    self.openWindow(self.inbound.add(messages, receivedBytes: bytes.count))
  }

  func receiveEnd() {
    self.fail(RPCError(code: .internalError, message: "The response ended without trailers."))
  }

  /// Ends the call on both sides with an error found here.
  func fail(_ error: RPCError, code: HTTP2ErrorCode = .cancel) {
    self.placement.connection.forget(self)
    if let streamID = self.streamID {
      self.connection.perform { session throws(HTTP2Error) in try session.reset(streamID: streamID, code: code) }
    }
    self.closed(error)
  }

  /// The stream is gone; `error` counts unless a status was received.
  func closed(_ error: RPCError) {
    self.position = .closed
    self.replay.discard()
    self.outbound.close(error)
    self.inbound.finish(throwing: error)
  }
}

extension RPCError {
  fileprivate static let streamIsOver = RPCError(code: .cancelled, message: "The server has answered the call already.")
}
