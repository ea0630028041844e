package import GRPCNghttp2Transport

extension TransportSecurity {
  /// How a process with this identity, or with none, takes calls: from every workload of its trust domain.
  package static func server(as identity: WorkloadIdentity?) -> TransportSecurity {
    identity.map { .mutualTLS($0) } ?? .plaintext
  }

  /// How a process with this identity, or with none, calls a service, and nobody else in its place.
  package static func client(of service: String, as identity: WorkloadIdentity?) -> TransportSecurity {
    identity.map { .mutualTLS($0, peer: .workload(service)) } ?? .plaintext
  }
}
