public import NIOCore

extension SocketEndpoint {
  /// The endpoint of a bound or connected socket; nil for one without a name.
  public init?(_ address: SocketAddress?) {
    switch address {
    case .v4, .v6:
      guard let host = address?.ipAddress, let port = address?.port else { return nil }
      self = .host(host, port: port)
    case .unixDomainSocket:
      guard let path = address?.pathname else { return nil }
      self = .unixSocket(path: path)
    case nil:
      return nil
    }
  }
}

extension SocketAddress? {
  /// How gRPC writes a peer: `ipv4:127.0.0.1:1234`, `ipv6:[::1]:1234` or `unix:/path`.
  var peerDescription: String {
    switch self {
    case .v4: "ipv4:\(self?.ipAddress ?? ""):\(self?.port ?? 0)"
    case .v6: "ipv6:[\(self?.ipAddress ?? "")]:\(self?.port ?? 0)"
    case .unixDomainSocket: "unix:\(self?.pathname ?? "")"
    case nil: "unknown"
    }
  }
}
