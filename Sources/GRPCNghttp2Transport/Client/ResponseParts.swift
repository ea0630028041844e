import GRPCCore

/// The parts of a response as they come, for GRPCCore to iterate.
struct ResponseParts: AsyncSequence, Sendable {
  typealias Element = RPCResponsePart<[UInt8]>
  typealias Failure = any Error

  let stream: ClientStream

  func makeAsyncIterator() -> Iterator {
    Iterator(stream: self.stream)
  }

  struct Iterator: AsyncIteratorProtocol {
    let stream: ClientStream

    func next() async throws -> RPCResponsePart<[UInt8]>? {
      try await self.next(isolation: nil)
    }

    func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> RPCResponsePart<[UInt8]>? {
      try self.stream.open(try await self.stream.inbound.next { self.stream.consumed($0) })
    }
  }
}
