import GRPCCore
package import GRPCNghttp2Transport
package import Logging
package import Metrics

extension FastPath {
  /// The same fast path, its calls counted, timed and logged as those of handlers are, which interceptors see.
  package func observed(logger: Logger, factory: any MetricsFactory = MetricsSystem.factory) -> FastPath {
    let metrics = CallMetrics(method, logger: logger, factory: factory)
    let observer = observer
    var observed = self
    observed.observer = { call in
      observer?(call)
      metrics.record(RPCError.Code(call.code), after: call.duration)
    }
    return observed
  }
}
