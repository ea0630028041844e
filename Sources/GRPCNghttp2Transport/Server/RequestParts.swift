import GRPCCore

/// The parts of a request as they come, for GRPCCore to iterate.
///
/// Not one generic type with the client's: every step of every call passes here, and a generic one looks types up.
struct RequestParts: AsyncSequence, Sendable {
  typealias Element = RPCRequestPart<[UInt8]>
  typealias Failure = any Error

  let stream: ServerStream

  func makeAsyncIterator() -> Iterator {
    Iterator(stream: self.stream)
  }

  struct Iterator: AsyncIteratorProtocol {
    let stream: ServerStream

    func next() async throws -> RPCRequestPart<[UInt8]>? {
      try await self.next(isolation: nil)
    }

    func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> RPCRequestPart<[UInt8]>? {
      if let part = try self.stream.inbound.nextNow(consumed: { self.stream.consumed($0) }) {
        if case .message(_, isCompressed: true) = part {
          await self.stream.leaveEventLoop()
        }
        return try self.stream.open(part)
      }
      return try self.stream.open(try await self.stream.inbound.wait { self.stream.consumed($0) })
    }
  }
}
