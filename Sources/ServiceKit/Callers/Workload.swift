import GRPCNghttp2Transport

/// A process on a connection between the services.
///
/// The raw value is the last part of its identity (SPIFFE-ID, section 2), and a service's is its executable's name.
package enum Workload: String, CaseIterable, Codable, CodingKeyRepresentable, Sendable {
  case tokenService = "token-service"
  case authVerifier = "auth-verifier"
  case predictService = "predict-service"
  case apiGateway = "api-gateway"
  /// A user of the services from outside: the command line, and local tools.
  case client

  /// The workload that an identity such as `spiffe://temporis.internal/auth-verifier` names, in any trust domain.
  /// `nil` for an identity of nobody whom the services know.
  package init?(identity: String) {
    guard let id = SPIFFEID(identity) else { return nil }
    self.init(rawValue: id.workload)
  }
}
