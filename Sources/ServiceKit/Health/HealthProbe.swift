package import GRPCNghttp2Transport

/// Asks a running process whether it can take calls.
package protocol HealthProbe: Sendable {
  /// Returns when it can.
  /// - Throws: Why it can't, or what kept it from saying so in time.
  func check() async throws
}

extension HealthProbe {
  /// Whether it can take calls.
  package func isServing() async -> Bool {
    (try? await check()) != nil
  }
}

/// A process that answers, and can't take calls.
struct NotServingError: Error, CustomStringConvertible {
  let description = "it runs, and says that it can't take calls: its log says why"
}

extension SocketEndpoint {
  /// Where a client on the same machine reaches what listens here: every address includes the loopback one.
  package var local: SocketEndpoint {
    switch self {
    case .host("0.0.0.0", let port): .host("127.0.0.1", port: port)
    case .host("::", let port): .host("::1", port: port)
    default: self
    }
  }
}
