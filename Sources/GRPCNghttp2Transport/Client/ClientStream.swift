import GRPCCore
import HTTP2Session
import NIOCore

/// One call on the client.
///
/// What the caller sends stays in ``outbound`` until the connection opens the stream, so that a connection that ends
/// before can be changed for another.
///
/// `@unchecked Sendable`: the variables are used on the connection's event loop only, also when that is another's after a
/// move; the caller reaches it through the queues.
final class ClientStream: CallStream, @unchecked Sendable {
  typealias Part = RPCResponsePart<[UInt8]>

  let placement: CallPlacement
  let inbound: InboundQueue<InboundPart<Part>>
  let outbound: OutboundQueue
  let descriptor: MethodDescriptor
  let maxSendMessageBytes: Int
  private let maxReceiveMessageBytes: Int
  /// How the request's messages are encoded.
  let encoding: MessageEncoding
  let waitsForReady: Bool
  private var reader: ResponseReader
  private(set) var streamID: Int32?
  /// Its place among the calls of its connection that wait to be sent.
  var ticket: WaitingCalls.Ticket?
  private var hasRequestEnded = false

  init(
    descriptor: MethodDescriptor, options: CallOptions, connection: ClientConnection,
    configuration: Nghttp2ClientConfiguration
  ) {
    self.descriptor = descriptor
    self.placement = CallPlacement(on: connection)
    self.waitsForReady = options.waitForReady ?? false
    self.inbound = InboundQueue(windowBytes: configuration.streamWindowBytes)
    self.outbound = OutboundQueue(highWatermark: configuration.writeHighWatermarkBytes)
    self.maxSendMessageBytes = options.maxRequestMessageBytes ?? configuration.maxSendMessageBytes
    self.maxReceiveMessageBytes = options.maxResponseMessageBytes ?? configuration.maxReceiveMessageBytes
    self.encoding = MessageEncoding(options.compression)
    self.reader = ResponseReader(limit: self.maxReceiveMessageBytes)
  }

  /// Whether nothing of the request is held up any more.
  private var isRequestSent: Bool {
    guard self.hasRequestEnded, let streamID = self.streamID else { return false }
    return self.connection.perform { session throws(HTTP2Error) in session.pendingBytes(streamID: streamID) } == 0
  }

  var connection: SessionHandler { self.placement.connection.handler }

  // MARK: From the caller

  func open(_ part: InboundPart<Part>) throws(RPCError) -> Part {
    guard part.isCompressed, case .message(let bytes) = part.part else { return part.part }
    return .message(try Gzip.decompress(bytes, limit: self.maxReceiveMessageBytes))
  }

  /// Gives the call up unless it is over; from any thread.
  func cancel() {
    guard !self.outbound.isClosed else { return }
    self.execute { self.apply(.reset(.cancel)) }
  }

  /// Runs `body` on the event loop of the connection that the call is on by then; from any thread.
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
    guard self.streamID == nil else {
      self.applyOperations()
      return
    }
    if !self.outbound.isClosed {
      self.placement.connection.send(self)
    }
  }

  func apply(_ operation: OutboundQueue.Operation) {
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

  /// Sends the headers, and what was queued after them, and returns the new stream; nil when the call was given up.
  func open() throws(HTTP2Error) -> Int32? {
    self.ticket = nil
    guard let fields = self.outbound.firstHeaders else { return nil }
    let streamID = try self.connection.attempt { session throws(HTTP2Error) in try session.submitRequest(fields) }
    self.streamID = streamID
    self.applyOperations()
    return streamID
  }

  func receive(_ fields: [HTTP2Field], endStream: Bool) {
    do throws(RPCError) {
      guard let part = try self.reader.read(fields, endStream: endStream) else { return }
      if endStream, self.isRequestSent {
        // Both sides are done: said before the reader can look, so that it doesn't reset a finished stream.
        self.outbound.close(.streamIsOver)
      }
      _ = self.inbound.add([(InboundPart(part: part), 0)], receivedBytes: 0)
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
    let parts = messages.map { message in
      (
        part: InboundPart(part: Part.message(message.bytes), isCompressed: message.isCompressed),
        bytes: message.bytes.count + MessageFraming.prefixLength
      )
    }
    self.openWindow(self.inbound.add(parts, receivedBytes: bytes.count))
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
    self.streamID = nil
    self.outbound.close(error)
    self.inbound.finish(throwing: error)
  }
}

extension RPCError {
  fileprivate static let streamIsOver = RPCError(code: .cancelled, message: "The server has answered the call already.")
}
