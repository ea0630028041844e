import GRPCCore
import Logging

/// Counts, times and logs every call by its method and status: never by what it carries.
struct ObservationInterceptor: ServerInterceptor {
  let logger: Logger

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let call = Call(method: context.descriptor, start: .now, logger: logger)
    do {
      var response = try await next(request, context)
      switch response.accepted {
      case .failure(let error):
        call.finish(error.code)
      case .success(var contents):
        let producer = contents.producer
        contents.producer = { writer in
          do {
            let trailers = try await producer(writer)
            call.finish(nil)
            return trailers
          } catch {
            call.finish(error)
            throw error
          }
        }
        response.accepted = .success(contents)
      }
      return response
    } catch {
      call.finish(error)
      throw error
    }
  }

  private struct Call: Sendable {
    let method: MethodDescriptor
    let start: ContinuousClock.Instant
    let logger: Logger

    func finish(_ error: any Error) {
      switch error {
      case let error as RPCError: finish(error.code)
      case let error as any RPCErrorConvertible: finish(error.rpcErrorCode)
      case is CancellationError: finish(.cancelled)
      default:
        // The caller learns nothing of an error that nobody foresaw; the operator learns its type.
        logger.error("Unexpected error", metadata: ["method": "\(method)", "error": "\(type(of: error))"])
        finish(.unknown)
      }
    }

    func finish(_ code: RPCError.Code?) {
      CallMetrics(method, logger: logger).record(code, after: ContinuousClock.now - start)
    }
  }
}
