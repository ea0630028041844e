/// Whom a transport with mutual TLS takes for its peer.
///
/// Its name differs from this side's in the last component alone: a workload that has the same name elsewhere in the
/// trust domain, such as in another namespace, is another one.
public enum ExpectedPeer: Sendable, Hashable {
  /// Every workload beside this one: what a server takes, which decides by method who may do what.
  case anyWorkload
  /// The workload with this name, the last component of its SPIFFE ID: what a client expects of the server.
  case workload(String)

  func includes(_ peer: SPIFFEID, from own: SPIFFEID) -> Bool {
    guard peer.parent == own.parent else { return false }
    return switch self {
    case .anyWorkload: true
    case .workload(let name): peer.workload == name
    }
  }
}

extension ExpectedPeer {
  /// For errors.
  func description(from own: SPIFFEID) -> String {
    switch self {
    case .anyWorkload: "a workload of '\(own.parent)'"
    case .workload(let name): "'\(own.parent)\(name)'"
    }
  }
}
