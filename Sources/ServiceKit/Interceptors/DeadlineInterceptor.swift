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
    return try await CallDeadline.$current.withValue(deadline, respond: { try await next(request, context) })
  }
}
