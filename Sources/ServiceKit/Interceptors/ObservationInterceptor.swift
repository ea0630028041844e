import GRPCCore
import Logging

/// Counts, times and logs every call by its method and status, never by what it carries, and logs why calls failed that
/// are not their callers' fault.
struct ObservationInterceptor: ServerInterceptor {
  private let metrics: MethodMetrics
  private let faults: FaultLog

  init(logger: Logger) {
    metrics = MethodMetrics(logger: logger)
    faults = FaultLog(logger: logger)
  }

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let call = Call(method: context.descriptor, start: .now, metrics: metrics, faults: faults)
    // What the interceptors within throw comes as a rejection.
    let response = try await next(request, context)
    if case .failure(let error) = response.accepted { call.finish(error) }
    return response.mappingProducer { produce in
      do {
        let trailers = try await produce()
        call.finish(nil)
        return trailers
      } catch {
        call.finish(error)
        throw error
      }
    }
  }

  private struct Call: Sendable {
    let method: MethodDescriptor
    let start: ContinuousClock.Instant
    let metrics: MethodMetrics
    let faults: FaultLog

    func finish(_ error: (any Error)?) {
      // All that comes through the boundary has a code.
      let code = error.map { ($0 as? any RPCErrorConvertible)?.rpcErrorCode ?? .unknown }
      if let error, let code { faults.note(error, code, of: method, for: .current) }
      metrics[method].record(code, after: ContinuousClock.now - start)
    }
  }
}

extension FaultLog {
  /// Says why a call failed, unless that is its caller's matter.
  func note(_ error: any Error, _ code: RPCError.Code, of method: MethodDescriptor, for client: ClientAddress?) {
    let level: Logger.Level
    switch code {
    case .unavailable, .deadlineExceeded, .resourceExhausted: level = .warning
    case .internalError, .unknown, .dataLoss: level = .error
    default: return
    }
    var metadata: Logger.Metadata = ["method": "\(method)", "code": "\(code)"]
    // Who asks too much has to be found.
    if code == .resourceExhausted, let client { metadata["client"] = "\(client.text)" }
    note("A call failed", kind: "\(method) \(code)", error, level: level, metadata: metadata)
  }
}
