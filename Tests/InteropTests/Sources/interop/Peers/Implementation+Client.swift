import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCNghttp2Transport

extension Implementation {
  /// Runs the cases, each against the server on its port, and tells what is wrong with them; nothing for one that
  /// passed.
  func runClient(
    _ ports: [InteropCase: Int], lacking: Set<Capability>, python: Python
  ) async throws -> [InteropCase: CaseFailure] {
    switch self {
    case .nghttp2:
      await Self.run(ports, lacking: lacking) { port in
        try Nghttp2ClientTransport(endpoints: [.host("127.0.0.1", port: port)])
      }
    case .nio:
      await Self.run(ports, lacking: lacking) { port in
        try HTTP2ClientTransport.Posix(
          target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: .plaintext,
          config: .defaults { $0.compression.enabledAlgorithms = .gzip })
      }
    case .grpcioSync:
      try await python.runClient("sync_client.py", ports, lacking: lacking)
    case .grpcioAio:
      try await python.runClient("aio_client.py", ports, lacking: lacking)
    }
  }

  private static func run<Transport: ClientTransport>(
    _ ports: [InteropCase: Int], lacking: Set<Capability>, over transport: (Int) throws -> Transport
  ) async -> [InteropCase: CaseFailure] {
    var failures: [InteropCase: CaseFailure] = [:]
    for (testCase, port) in ports {
      do {
        try await withGRPCClient(transport: try transport(port)) { client in
          try await InteropClient(client, lacking: lacking).run(testCase)
        }
      } catch {
        failures[testCase] = CaseFailure(String(describing: error))
      }
    }
    return failures
  }
}
