import GRPCCore
import GRPCNghttp2Transport
import InMemoryLogging
import Logging
import ServiceKit
import Synchronization
import TestSupport
import Testing

@Suite struct FastPathObservationTests {
  @Test("Calls of a fast path are counted and timed under the names of other calls, and its own observer hears of them")
  func metrics() {
    let registry = PrometheusRegistry()
    let heard = Mutex<[Status.Code]>([])
    let method = MethodDescriptor(fullyQualifiedService: "test.Service", method: "Quick")
    let fastPath = FastPath(method: method) { call in
      heard.withLock { $0.append(call.code) }
    } handler: { _, _ in
      .fallThrough
    }
    let observed = fastPath.observed(
      logger: .silent, factory: registry)
    for code in [Status.Code.ok, .ok, .deadlineExceeded] {
      observed.observer?(FastPathCall(method: method, code: code, duration: .milliseconds(250)))
    }
    #expect(heard.withLock { $0 } == [.ok, .ok, .deadlineExceeded])
    let lines = registry.text().split(separator: "\n")
    #expect(lines.contains(#"grpc_server_handled_total{method="test.Service/Quick",code="ok"} 2.0"#))
    #expect(lines.contains(#"grpc_server_handled_total{method="test.Service/Quick",code="deadlineExceeded"} 1.0"#))
    #expect(lines.contains(#"grpc_server_handling_seconds_count{method="test.Service/Quick"} 3"#))
    #expect(lines.contains(#"grpc_server_handling_seconds_sum{method="test.Service/Quick"} 0.75"#))
  }

  @Test("A call of a fast path that failed is in the log with its cause, and no other")
  func faults() {
    let method = MethodDescriptor(fullyQualifiedService: "test.Service", method: "Quick")
    var handler = InMemoryLogHandler()
    handler.logLevel = .info
    let log = handler
    let observed = FastPath(method: method) { _, _ in .fallThrough }
      .observed(logger: Logger(label: "test") { _ in log }, factory: PrometheusRegistry())
    let error = RPCError(code: .unavailable, message: "Down.", cause: ServiceError(.unavailable, "The cause."))
    let refusal = RPCError(code: .invalidArgument, message: "Wrong.")
    for (code, error) in [(.ok, nil), (.unavailable, error), (.cancelled, nil), (.invalidArgument, refusal)]
      as [(Status.Code, RPCError?)]
    {
      observed.observer?(FastPathCall(method: method, code: code, duration: .milliseconds(1), error: error))
    }
    #expect(log.entries.map(\.level) == [.warning])
    #expect(log.entries.first?.metadata["error"]?.description.contains("The cause.") == true)
  }
}
