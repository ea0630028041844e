import Dispatch

/// Where long bodies are parsed: one after the other on a thread of its own, so that megabytes of JSON neither hold up
/// other requests on the cooperative pool nor are in memory in their parsed form many times over.
struct ParsingQueue: Sendable {
  /// Bodies up to this length, in bytes, are parsed where they are: it takes less time than a change of threads is worth.
  private static let shortLength = 64 << 10

  private let queue = DispatchQueue(label: "temporis.gateway.parsing")

  /// Parses a body of this length.
  func parse<Value: Sendable>(
    _ bytes: [UInt8], by read: @escaping @Sendable ([UInt8]) throws(APIError) -> Value
  ) async throws(APIError) -> Value {
    guard bytes.count > Self.shortLength else { return try read(bytes) }
    let result = await withCheckedContinuation { continuation in
      queue.async {
        continuation.resume(returning: Result { () throws(APIError) in try read(bytes) })
      }
    }
    return try result.get()
  }
}
