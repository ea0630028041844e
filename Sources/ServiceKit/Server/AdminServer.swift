import GRPCNghttp2Transport
import Hummingbird
import Logging
import ServiceLifecycle

/// What an operator's tools ask a process over HTTP: `/metrics` for Prometheus, `/healthz` for a supervisor.
struct AdminServer: Service {
  let endpoint: SocketEndpoint
  let metrics: PrometheusRegistry
  let health: HealthMonitor
  let logger: Logger

  func run() async throws {
    let router = Router()
    router.get("metrics") { _, _ in
      Response(
        status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.text())))
    }
    router.get("healthz") { _, _ in
      Response(
        status: health.isServing ? .ok : .serviceUnavailable,
        body: ResponseBody(byteBuffer: ByteBuffer(string: health.isServing ? "ok\n" : "not serving\n")))
    }
    var quiet = logger
    quiet.logLevel = .warning
    let address: BindAddress =
      switch endpoint {
      case .host(let host, let port): .hostname(host, port: port)
      case .unixSocket(let path): .unixDomainSocket(path: path)
      }
    try await Application(router: router, configuration: ApplicationConfiguration(address: address), logger: quiet)
      .run()
  }
}
