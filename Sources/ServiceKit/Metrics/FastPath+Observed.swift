import GRPCCore
package import GRPCNghttp2Transport
package import Logging
package import Metrics

extension FastPath {
  /// The same fast path, its calls counted, timed and logged as those of handlers are, which interceptors see.
  package func observed(logger: Logger, factory: any MetricsFactory = MetricsSystem.factory) -> FastPath {
    let metrics = CallMetrics(method, logger: logger, factory: factory)
    let faults = FaultLog(logger: logger)
    let isQuiet = logger.logLevel > .debug
    let observer = observer
    var observed = self
    observed.observer = { call in
      observer?(call)
      let code = RPCError.Code(call.code)
      if isQuiet, code == nil { return metrics.record(nil, after: call.duration) }
      // A line is written, or may be.
      RequestID.$current.withValue(RequestID.read(call.metadata)) {
        if let error = call.error, let code { faults.note(error, code, of: call.method, for: nil) }
        metrics.record(code, after: call.duration)
      }
    }
    return observed
  }
}
