import GRPCCore
import GRPCNghttp2Transport

/// Makes a call's deadline that of the calls which its handler makes, less what the answer needs, and keeps a failure
/// that comes last from being lost in a retry for which there is no time.
struct DeadlineInterceptor: ServerInterceptor {
  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    guard let deadline = context.deadline else { return try await next(request, context) }
    let reserve = AnswerReserve(until: deadline)
    var response = try await CallDeadline.$current.withValue(
      reserve.end, respond: { try await next(request, context) })
    if case .failure(let error) = response.accepted { response.accepted = .failure(reserve.answer(error)) }
    return response
  }
}
