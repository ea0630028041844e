import GRPCCore
import HTTP2Session
import NIOCore

/// One call on the client.
///
/// `@unchecked Sendable`: the variables are used on the connection's event loop only; the caller reaches it through the
/// queues.
final class ClientStream: CallStream, @unchecked Sendable {
  typealias Part = RPCResponsePart<[UInt8]>

  let connection: SessionHandler
  let inbound: InboundQueue<Part>
  let outbound: OutboundQueue
  let descriptor: MethodDescriptor
  let maxSendMessageBytes: Int
  private let owner: ClientConnection
  private var reader: ResponseReader
  private(set) var streamID: Int32?
  private var hasRequestEnded = false

  init(
    descriptor: MethodDescriptor, options: CallOptions, connection: ClientConnection,
    configuration: Nghttp2ClientConfiguration
  ) {
    self.descriptor = descriptor
    self.owner = connection
    self.connection = connection.handler
    self.inbound = InboundQueue(windowBytes: configuration.streamWindowBytes)
    self.outbound = OutboundQueue(highWatermark: configuration.writeHighWatermarkBytes)
    self.maxSendMessageBytes = options.maxRequestMessageBytes ?? configuration.maxSendMessageBytes
    self.reader = ResponseReader(limit: options.maxResponseMessageBytes ?? configuration.maxReceiveMessageBytes)
  }

  // MARK: From the caller

  /// Gives the call up unless it is over; from any thread.
  func cancel() {
    guard !self.outbound.isClosed else { return }
    self.connection.eventLoop.execute { self.apply(.reset(.cancel)) }
  }

  func apply(_ operation: OutboundQueue.Operation) {
    switch operation {
    case .headers(let fields):
      guard !self.outbound.isClosed else { return }
      do throws(RPCError) {
        self.streamID = try self.owner.open(self, fields: fields)
      } catch {
        self.fail(error)
      }
    case .message(let bytes):
      guard let streamID = self.streamID else { return }
      self.connection.perform { session throws(HTTP2Error) in try session.write(streamID: streamID, bytes: bytes) }
    case .end:
      guard let streamID = self.streamID else { return }
      self.hasRequestEnded = true
      self.connection.perform { session throws(HTTP2Error) in try session.finish(streamID: streamID) }
    case .reset(let code):
      self.fail(RPCError(code: .cancelled, message: "The call was cancelled."), code: code)
    }
  }

  // MARK: From the connection

  func receive(_ fields: [HTTP2Field], endStream: Bool) {
    do throws(RPCError) {
      guard let part = try self.reader.read(fields, endStream: endStream) else { return }
      if endStream, self.hasRequestEnded {
        // Both sides are done: said before the reader can look, so that it doesn't reset a finished stream.
        self.outbound.close(.streamIsOver)
      }
      _ = self.inbound.add([(part, 0)], receivedBytes: 0)
      if endStream {
        self.inbound.finish()
      }
    } catch {
      self.fail(error)
    }
  }

  func receive(_ bytes: UnsafeRawBufferPointer) {
    var messages: [[UInt8]] = []
    do throws(RPCError) {
      try self.reader.read(bytes, to: &messages)
    } catch {
      self.fail(error)
      return
    }
    let parts = messages.map { (part: Part.message($0), bytes: $0.count + MessageFraming.prefixLength) }
    self.openWindow(self.inbound.add(parts, receivedBytes: bytes.count))
  }

  func receiveEnd() {
    self.fail(RPCError(code: .internalError, message: "The response ended without trailers."))
  }

  /// Ends the call on both sides with an error found here.
  func fail(_ error: RPCError, code: HTTP2ErrorCode = .cancel) {
    if let streamID = self.streamID {
      self.owner.forget(streamID)
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
