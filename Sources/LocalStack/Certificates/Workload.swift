/// A process on a connection between the services; the last part of its identity.
package enum Workload: String, CaseIterable, Sendable {
  case tokenService = "token-service"
  case authVerifier = "auth-verifier"
  case predictService = "predict-service"
  case apiGateway = "api-gateway"
  /// A user of the services from outside: the command line, and local tools.
  case client

  /// The identity as a certificate holds it (SPIFFE-ID, section 2).
  package var identity: String { "spiffe://\(CertificateAuthority.trustDomain)/\(rawValue)" }

  /// Whether it takes calls. If not, no client accepts its certificate as a server's.
  var takesCalls: Bool {
    switch self {
    case .tokenService, .authVerifier, .predictService: true
    case .apiGateway, .client: false
    }
  }
}
