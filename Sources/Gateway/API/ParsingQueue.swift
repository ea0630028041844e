import Dispatch
import NIOCore

/// Runs the slow work on bodies, one after the other on a thread of its own, so that megabytes neither hold up other
/// requests on the cooperative pool nor are in memory in their parsed form many times over.
struct ParsingQueue: Sendable {
  private let queue = DispatchQueue(label: "temporis.gateway.parsing")

  /// Parses a body, a short one where it is: that takes less time than a change of threads is worth.
  /// - Throws: What `read` throws; ``BodyReader/ConnectionError`` when its sender has left before its turn.
  func parse<Value: Sendable>(
    _ bytes: [UInt8], from sender: ClientPresence, by read: @escaping @Sendable ([UInt8]) throws(APIError) -> Value
  ) async throws -> Value {
    guard bytes.count > BodyReader.shortLength else { return try read(bytes) }
    return try await run(for: sender) { () throws(APIError) in try read(bytes) }
  }

  /// Does work on the thread.
  /// - Throws: What `work` throws; ``BodyReader/ConnectionError`` when the client has left before its turn.
  func run<Value: Sendable>(
    for sender: ClientPresence, _ work: @escaping @Sendable () throws(APIError) -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      queue.async {
        continuation.resume(
          with: Result<Value, any Error> {
            guard !sender.hasLeft else { throw BodyReader.ConnectionError(cause: ChannelError.ioOnClosedChannel) }
            return try work()
          })
      }
    }
  }
}
