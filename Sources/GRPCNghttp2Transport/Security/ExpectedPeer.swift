/// Whom a transport with mutual TLS takes for its peer. The trust domain is always this side's own.
public enum ExpectedPeer: Sendable, Hashable {
  /// Every workload of the trust domain: what a server takes, which decides by method who may do what.
  case anyOfTrustDomain
  /// The workload with this name, the last component of its SPIFFE ID: what a client expects of the server.
  case workload(String)

  func includes(_ peer: SPIFFEID, from own: SPIFFEID) -> Bool {
    guard peer.trustDomain == own.trustDomain else { return false }
    return switch self {
    case .anyOfTrustDomain: true
    case .workload(let name): peer.workload == name
    }
  }
}

extension ExpectedPeer {
  /// For errors.
  func description(in trustDomain: String) -> String {
    switch self {
    case .anyOfTrustDomain: "a workload of \(trustDomain)"
    case .workload(let name): "'\(name)' of \(trustDomain)"
    }
  }
}
