import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCNghttp2Transport
import Logging

extension Implementation {
  /// Runs a server on a free port for the time of `body`.
  func withServer(python: Python, _ body: (_ port: Int) async throws -> Void) async throws {
    switch self {
    case .nghttp2:
      let transport = Nghttp2ServerTransport(
        listeningOn: .host("127.0.0.1", port: 0), logger: Logger(label: "interop"))
      try await withGRPCServer(transport: transport, services: [TestService()]) { _ in
        guard case .host(_, let port) = try await transport.boundEndpoint else {
          throw CaseFailure("the server is not on a port")
        }
        try await body(port)
      }
    case .nio:
      let transport = HTTP2ServerTransport.Posix(
        address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: .plaintext,
        config: .defaults { $0.compression.enabledAlgorithms = .gzip })
      try await withGRPCServer(transport: transport, services: [TestService()]) { _ in
        guard let port = try await transport.listeningAddress.ipv4?.port else {
          throw CaseFailure("the server is not on a port")
        }
        try await body(port)
      }
    case .grpcioSync:
      try await python.withServer("sync_server.py", body)
    case .grpcioAio:
      try await python.withServer("aio_server.py", body)
    }
  }
}
