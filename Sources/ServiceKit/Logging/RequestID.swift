package import GRPCCore
package import Logging

/// The id of a client's request, which every log line has that is written for it, in every process.
package enum RequestID {
  /// The id of the request that is handled. Nil: none, such as for what a process does on its own.
  @TaskLocal package static var current: String?

  /// Its name in HTTP headers and gRPC metadata.
  package static let name = "x-request-id"
  private static let maxLength = 128

  /// The id that a client sent; `nil` when it is not 1 to 128 visible ASCII characters, which are a word in a log line.
  package static func read(_ text: some StringProtocol) -> String? {
    let isWellFormed =
      !text.isEmpty && text.utf8.count <= maxLength && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    return isWellFormed ? String(text) : nil
  }

  /// The id that came with a call; `nil` when there is none that is well-formed.
  package static func read(_ metadata: Metadata) -> String? {
    metadata[stringValues: name].first { _ in true }.flatMap { read($0) }
  }

  /// A new one: 32 hexadecimal digits at random.
  package static func make() -> String {
    (0..<2).map { _ in
      let digits = String(UInt64.random(in: .min ... .max), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// Adds the present request's id to every line.
  package static let metadataProvider = Logger.MetadataProvider {
    current.map { ["request_id": "\($0)"] } ?? [:]
  }
}

/// Hands the request's id on: from a call to its handler, and from there to the calls that the handler makes.
package struct RequestIDInterceptor: ServerInterceptor, ClientInterceptor {
  package init() {}

  package func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    guard let id = RequestID.read(request.metadata) else { return try await next(request, context) }
    return try await RequestID.$current.withValue(id, respond: { try await next(request, context) })
  }

  package func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingClientRequest<Input>,
    context: ClientContext,
    next: (StreamingClientRequest<Input>, ClientContext) async throws -> StreamingClientResponse<Output>
  ) async throws -> StreamingClientResponse<Output> {
    guard let id = RequestID.current else { return try await next(request, context) }
    var request = request
    request.metadata.replaceOrAddString(id, forKey: RequestID.name)
    return try await next(request, context)
  }
}
