package import GRPCNghttp2Transport

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
