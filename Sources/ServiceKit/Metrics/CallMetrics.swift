import GRPCCore
import Logging
import Metrics
import Synchronization

/// Counts, times and logs the calls of one method by their status: never by what they carry.
struct CallMetrics: Sendable {
  private let method: MethodDescriptor
  private let logger: Logger
  private let factory: any MetricsFactory
  private let succeeded: Counter
  private let duration: Timer

  init(_ method: MethodDescriptor, logger: Logger, factory: any MetricsFactory = MetricsSystem.factory) {
    self.method = method
    self.logger = logger
    self.factory = factory
    succeeded = Self.counter(method, "ok", factory)
    duration = Timer(
      label: "grpc_server_handling_seconds", dimensions: [("method", method.fullyQualifiedMethod)], factory: factory)
  }

  /// A call is over; `code` is nil when it succeeded.
  func record(_ code: RPCError.Code?, after duration: Duration) {
    let name = code.map { "\($0)" } ?? "ok"
    (code == nil ? succeeded : Self.counter(method, name, factory)).increment()
    self.duration.recordNanoseconds(duration.nanoseconds)
    logger.debug("Call", metadata: ["method": "\(method)", "code": "\(name)", "duration": "\(duration)"])
  }

  private static func counter(_ method: MethodDescriptor, _ code: String, _ factory: any MetricsFactory) -> Counter {
    Counter(
      label: "grpc_server_handled_total", dimensions: [("method", method.fullyQualifiedMethod), ("code", code)],
      factory: factory)
  }
}

/// The metrics of every method that was called, made at its first call.
final class MethodMetrics: Sendable {
  private let logger: Logger
  private let methods = Mutex<[MethodDescriptor: CallMetrics]>([:])

  init(logger: Logger) {
    self.logger = logger
  }

  /// The metrics of a method. There are as many as a server has methods: no others reach an interceptor.
  subscript(method: MethodDescriptor) -> CallMetrics {
    methods.withLock { methods in
      if let known = methods[method] { return known }
      let new = CallMetrics(method, logger: logger)
      methods[method] = new
      return new
    }
  }
}

extension Duration {
  /// The length in nanoseconds, rounded towards zero.
  fileprivate var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
