import GRPCCore
import HTTP2Session

/// What a handler writes its response to.
struct ServerStreamWriter: ClosableRPCWriterProtocol {
  typealias Element = RPCResponsePart<[UInt8]>

  let stream: ServerStream

  /// Throws what ended the call early, or RESOURCE_EXHAUSTED for a message over the limit.
  nonisolated(nonsending) func write(_ element: RPCResponsePart<[UInt8]>) async throws {
    if case .message = element, self.stream.encodingOfNextMessage() != .identity {
      await self.stream.leaveEventLoop()
    }
    try await self.stream.send(self.operation(element))
  }

  nonisolated(nonsending) func write(contentsOf elements: some Sequence<RPCResponsePart<[UInt8]>>) async throws {
    for element in elements {
      try await self.write(element)
    }
  }

  /// A response without a status would leave the client waiting.
  nonisolated(nonsending) func finish() async {
    self.finishUnlessEnded()
  }

  func finishUnlessEnded() {
    guard !self.stream.outbound.isEnded else { return }
    self.end(Status(code: .unknown, message: "The handler finished without a status."))
  }

  nonisolated(nonsending) func finish(throwing error: any Error) async {
    let status = (error as? RPCError).map { Status(code: Status.Code($0.code), message: $0.message) }
    self.end(status ?? Status(code: .unknown, message: "The handler failed."))
  }

  private func end(_ status: Status) {
    // Fails only when the call has ended meanwhile.
    _ = try? self.stream.enqueue(.end(trailers: HTTP2Section(trailersOf: status)))
  }

  private func operation(_ part: RPCResponsePart<[UInt8]>) throws(RPCError) -> OutboundQueue.Operation {
    switch part {
    case .metadata(let metadata):
      var fields = self.stream.encodingFields()
      try metadata.append(to: &fields)
      return .headers(fields)
    case .message(let bytes):
      let (prefix, bytes) = try MessageFraming.encode(
        bytes, limit: self.stream.maxSendMessageBytes, encoding: self.stream.encodingOfNextMessage())
      return .message(prefix: prefix, bytes)
    case .status(let status, let metadata):
      return .end(trailers: HTTP2Section(trailersOf: status, metadata: metadata))
    }
  }
}
