import GRPCCore

/// A call that found no connection: what is read of it or written to it fails with the reason.
///
/// Interceptors and the handler of the response see the reason then, as they do with that of any other call. One that
/// was thrown instead of giving GRPCCore a stream would pass them by.
struct UnconnectedCall: AsyncSequence, Sendable {
  typealias Element = RPCResponsePart<[UInt8]>
  typealias Failure = any Error

  let reason: RPCError

  func makeAsyncIterator() -> Iterator {
    Iterator(reason: self.reason)
  }

  struct Iterator: AsyncIteratorProtocol {
    let reason: RPCError

    func next() async throws -> Element? {
      throw self.reason
    }

    func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> Element? {
      throw self.reason
    }
  }

  struct Writer: ClosableRPCWriterProtocol {
    typealias Element = RPCRequestPart<[UInt8]>

    let reason: RPCError

    func write(_ element: Element) async throws {
      throw self.reason
    }

    func write(contentsOf elements: some Sequence<Element>) async throws {
      throw self.reason
    }

    func finish() async {}

    func finish(throwing error: any Error) async {}
  }
}

extension RPCStream where Inbound == Nghttp2ClientTransport.Inbound, Outbound == Nghttp2ClientTransport.Outbound {
  /// The stream of such a call.
  init(unconnected descriptor: MethodDescriptor, _ reason: RPCError) {
    self.init(
      descriptor: descriptor, inbound: RPCAsyncSequence(wrapping: UnconnectedCall(reason: reason)),
      outbound: RPCWriter.Closable(wrapping: UnconnectedCall.Writer(reason: reason)))
  }
}
