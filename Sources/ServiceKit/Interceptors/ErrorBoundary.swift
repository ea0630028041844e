import GRPCCore

/// An error of the inside that has a form for callers.
package protocol ServiceErrorConvertible: Error {
  /// What a caller receives: a ``ServiceError`` or an `RPCError`, with this error as its cause.
  var serviceError: any Error { get }
}

/// Turns the errors of handlers into what callers receive, in one place for every handler.
///
/// ``ServiceError`` and `RPCError` pass as they are. A cancelled call becomes CANCELLED, and an error that nobody
/// foresaw INTERNAL: of that, neither the caller nor the log learns more than the type, as it may quote anything.
struct ErrorBoundary: ServerInterceptor {
  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let response: StreamingServerResponse<Output>
    do {
      response = try await next(request, context)
    } catch {
      throw Self.received(for: error)
    }
    // What is thrown within another interceptor comes as a rejection, with the error as its cause.
    if case .failure(let rejection) = response.accepted, rejection.code == .unknown, let cause = rejection.cause {
      throw Self.received(for: cause)
    }
    return response.mappingProducer { produce in
      do {
        return try await produce()
      } catch {
        throw Self.received(for: error)
      }
    }
  }

  /// What a caller receives for an error.
  fileprivate static func received(for error: any Error) -> any Error & RPCErrorConvertible {
    let error = (error as? any ServiceErrorConvertible)?.serviceError ?? error
    return switch error {
    case let error as any Error & RPCErrorConvertible: error
    case is CancellationError: RPCError(code: .cancelled, message: "The call was cancelled.")
    default: RPCError(code: .internalError, message: "The service failed.", cause: UnforeseenError(of: error))
    }
  }
}

extension RPCError {
  /// What a caller receives for an error of what answers without a handler: the same as for a handler's.
  package init(answering error: any Error) {
    self.init(ErrorBoundary.received(for: error))
  }
}

private struct UnforeseenError: Error, CustomStringConvertible {
  let description: String

  init(of error: any Error) {
    description = "unforeseen \(type(of: error))"
  }
}
