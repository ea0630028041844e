import GRPCCore
import GRPCNghttp2Transport

/// Makes a call's deadline that of the calls which its handler makes.
struct DeadlineInterceptor: ServerInterceptor {
  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    guard let deadline = context.deadline else { return try await next(request, context) }
    var response = try await CallDeadline.$current.withValue(deadline) { try await next(request, context) }
    // A streamed response is made after this returns.
    if case .success(var contents) = response.accepted {
      let producer = contents.producer
      contents.producer = { writer in
        try await CallDeadline.$current.withValue(deadline) { try await producer(writer) }
      }
      response.accepted = .success(contents)
    }
    return response
  }
}
