import GRPCCore
import GRPCNghttp2Transport
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
}
