/// The two ends of a connection, and who is at the other one.
public struct ConnectionPeer: Sendable, Hashable {
  /// The peer's address as gRPC writes it: `ipv4:127.0.0.1:1234`, `ipv6:[::1]:1234` or `unix:/path`.
  public var remote: String
  /// This side's address, written the same way.
  public var local: String
  /// The SPIFFE-style URI that the peer's certificate names, after the certificate was verified; nil without mutual
  /// TLS.
  public var identity: String?

  /// Creates a peer; an `identity` must have been verified.
  public init(remote: String, local: String, identity: String? = nil) {
    self.remote = remote
    self.local = local
    self.identity = identity
  }

  /// What is known of a connection before it is open.
  static let unknown = Self(remote: "unknown", local: "unknown")
}
