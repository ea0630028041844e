import GRPCCore
import HTTP2Session
import NIOCore

/// What GRPCCore writes a request to.
struct ClientStreamWriter: ClosableRPCWriterProtocol {
  typealias Element = RPCRequestPart<[UInt8]>

  let stream: ClientStream
  let scheme: String
  let authority: String

  /// Throws what ended the call early, or RESOURCE_EXHAUSTED for a message over the limit.
  func write(_ element: RPCRequestPart<[UInt8]>) async throws {
    try await self.stream.send(self.operation(element))
  }

  func write(contentsOf elements: some Sequence<RPCRequestPart<[UInt8]>>) async throws {
    for element in elements {
      try await self.write(element)
    }
  }

  func finish() async {
    // Fails only when the call has ended meanwhile.
    _ = try? self.stream.enqueue(.end(trailers: nil))
  }

  /// The request could not be made: the call ends with the error, and the server hears CANCEL.
  ///
  /// GRPCCore wraps the `CancellationError` of a request whose task is cancelled into UNKNOWN; it is CANCELLED, which
  /// the response's reader finds at the same time.
  func finish(throwing error: any Error) async {
    let failure: RPCError
    if let error = error as? RPCError, !(error.cause is CancellationError) {
      failure = error
    } else {
      let cause = (error as? RPCError)?.cause ?? error
      failure = RPCError(code: .cancelled, message: "The request could not be written.", cause: cause)
    }
    self.stream.execute { self.stream.fail(failure) }
  }

  /// Queues the whole of a unary request, or nothing when it can't be sent.
  func write(_ metadata: Metadata, _ message: [UInt8]) throws(RPCError) {
    let operations = [try self.operation(.metadata(metadata)), try self.operation(.message(message))]
    for operation in operations + [.end(trailers: nil)] {
      _ = try self.stream.enqueue(operation)
    }
  }

  private func operation(_ part: RPCRequestPart<[UInt8]>) throws(RPCError) -> OutboundQueue.Operation {
    switch part {
    case .metadata(let metadata):
      var fields = [
        HTTP2Field(":method", "POST"),
        HTTP2Field(":scheme", self.scheme),
        HTTP2Field(":path", "/\(self.stream.descriptor.fullyQualifiedMethod)"),
        HTTP2Field(":authority", self.authority),
        HTTP2Field("te", "trailers"),
        HTTP2Field("content-type", "application/grpc"),
        HTTP2Field("user-agent", "grpc-swift-nghttp2/1"),
        HTTP2Field("grpc-accept-encoding", MessageEncoding.accepted),
      ]
      if self.stream.encoding == .gzip {
        fields.append(HTTP2Field("grpc-encoding", Gzip.name))
      }
      try metadata.append(to: &fields)
      self.stream.deadline.take(from: &fields)
      return .headers(fields)
    case .message(let bytes):
      let (prefix, bytes) = try MessageFraming.encode(
        bytes, limit: self.stream.maxSendMessageBytes, encoding: self.stream.encoding)
      return .message(prefix: prefix, bytes)
    }
  }
}
