import GRPCCore

/// A stream that can be read part by part.
protocol InboundSource: AnyObject, Sendable {
  associatedtype Part: Sendable

  var inbound: InboundQueue<InboundPart<Part>> { get }

  /// Restores what is compressed, and notes that it is read; called by the reader.
  func open(_ part: InboundPart<Part>) throws(RPCError) -> Part

  /// Lets the peer send `bytes` more. Called from any thread.
  func consumed(_ bytes: Int)
}

/// The received parts of a stream, as GRPCCore iterates them.
struct InboundParts<Source: InboundSource>: AsyncSequence, Sendable {
  typealias Element = Source.Part
  typealias Failure = any Error

  let source: Source

  func makeAsyncIterator() -> Iterator {
    Iterator(source: self.source)
  }

  struct Iterator: AsyncIteratorProtocol {
    let source: Source

    func next() async throws -> Source.Part? {
      guard let part = try await self.source.inbound.next(consumed: { self.source.consumed($0) }) else { return nil }
      return try self.source.open(part)
    }

    func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> Source.Part? {
      try await self.next()
    }
  }
}
