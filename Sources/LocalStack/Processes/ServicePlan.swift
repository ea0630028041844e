import Foundation
package import ServiceKit

/// Which processes make the stack, on which ports, with which settings.
package struct ServicePlan: Sendable {
  /// One process of a service.
  package struct Instance: Sendable {
    /// What it is.
    package let service: Workload
    /// Which one, from 1.
    package let number: Int
    /// The port that it serves on.
    package let port: UInt16
    /// The port of its metrics.
    package let adminPort: UInt16

    /// Where it serves.
    package var address: String { "127.0.0.1:\(port)" }
    /// Where its metrics are.
    package var adminAddress: String { "127.0.0.1:\(adminPort)" }
  }

  /// What the processes need to know.
  package struct Inputs: Sendable {
    /// The token service's database, as its role.
    package let tokenDatabase: DatabaseURL
    /// The predict service's database, as its role.
    package let predictDatabase: DatabaseURL
    /// The token service's peppers.
    package let peppers: String
    /// How long a session works, in seconds: as long as any may, unless the caller has exported another time. The one
    /// in ready.json should last as long as the stack.
    let sessionLifetime = ProcessInfo.processInfo.environment["TEMPORIS_SESSION_LIFETIME"] ?? "2592000"
    /// The gateway's certificate chain, if it speaks HTTPS.
    package let tlsCertificate: String?
    /// The certificate's key.
    package let tlsKey: String?
    /// Where the processes' identities lie. Nil: the services speak plaintext.
    package let certificates: CertificateFolder?
    /// The URL that browsers know the gateway by. `nil`: what the caller has exported, or what each request names.
    package let publicURL: String?
    /// The proxies that the gateway believes. `nil`: what the caller has exported.
    package let trustedProxies: String?
    /// The id of the account whose profiles may be public. `nil`: there is none.
    package var operatorAccount: String?

    /// Takes what was found out.
    package init(
      tokenDatabase: DatabaseURL, predictDatabase: DatabaseURL, peppers: String, tlsCertificate: String?,
      tlsKey: String?, certificates: CertificateFolder?, publicURL: String? = nil, trustedProxies: String? = nil
    ) {
      self.tokenDatabase = tokenDatabase
      self.predictDatabase = predictDatabase
      self.peppers = peppers
      self.tlsCertificate = tlsCertificate
      self.tlsKey = tlsKey
      self.certificates = certificates
      self.publicURL = publicURL
      self.trustedProxies = trustedProxies
    }
  }

  /// The services, in the order in which they start; they end in the reverse order.
  package static let services: [Workload] = [.tokenService, .authVerifier, .predictService, .apiGateway]
  /// Those of them that start first: what it takes to create an account.
  package static let accountServices: Set<Workload> = [.tokenService, .authVerifier]

  /// Every process.
  package let instances: [Instance]

  /// Plans the processes on free ports.
  ///
  /// - Throws: `LocalStackError` with `.portInUse` when the gateway's port is taken, if only by another stack's plan.
  package init(replicas: Replicas, gatewayPort: Int) throws {
    guard let wanted = UInt16(exactly: gatewayPort) else {
      throw LocalStackError(.badValue, "--gateway-port must be in 0...65535")
    }
    guard wanted == 0 || (FreePorts.isFree(wanted) && FreePorts.reserve(wanted)) else {
      throw LocalStackError(
        .portInUse,
        "Port \(wanted) is in use or not allowed: pass --gateway-port with another one, or 0 to pick a free one")
    }
    let counts = [replicas.token, replicas.verifier, replicas.predict, 1]
    var ports = try FreePorts.pick(2 * counts.reduce(0, +))[...]
    instances = zip(Self.services, counts).flatMap { service, count in
      (1...count).map { number in
        let port = service == .apiGateway && wanted != 0 ? wanted : ports.removeFirst()
        return Instance(service: service, number: number, port: port, adminPort: ports.removeFirst())
      }
    }
  }

  /// The processes of a service.
  package func instances(of service: Workload) -> [Instance] { instances.filter { $0.service == service } }

  /// Where a service's processes serve.
  package func addresses(of service: Workload) -> [String] { instances(of: service).map(\.address) }

  /// What a process finds in its environment beside ours.
  package func environment(of instance: Instance, _ inputs: Inputs) -> [String: String] {
    var values = [
      "TEMPORIS_LISTEN": instance.address,
      "TEMPORIS_ADMIN_LISTEN": instance.adminAddress,
      "TEMPORIS_TOKEN_SERVICE": addresses(of: .tokenService).joined(separator: ","),
      "TEMPORIS_AUTH_VERIFIER": addresses(of: .authVerifier).joined(separator: ","),
      "TEMPORIS_PREDICT_SERVICE": addresses(of: .predictService).joined(separator: ","),
    ]
    if let certificates = inputs.certificates {
      values.merge(certificates.files(of: instance.service).environment) { $1 }
    }
    switch instance.service {
    case .tokenService:
      values["TEMPORIS_DATABASE_URL"] = inputs.tokenDatabase.text
      values["TEMPORIS_TOKEN_PEPPERS"] = inputs.peppers
      values["TEMPORIS_SESSION_LIFETIME"] = inputs.sessionLifetime
    case .predictService:
      values["TEMPORIS_DATABASE_URL"] = inputs.predictDatabase.text
      // Empty where there is none: an account of another stack's is none of this one.
      values["TEMPORIS_OPERATOR_ACCOUNT"] = inputs.operatorAccount ?? ""
    case .apiGateway:
      // Empty where there is none: what the caller has exported is not for this stack.
      values["TEMPORIS_TLS_CERTIFICATE"] = inputs.tlsCertificate ?? ""
      values["TEMPORIS_TLS_KEY"] = inputs.tlsKey ?? ""
      if let publicURL = inputs.publicURL { values["TEMPORIS_PUBLIC_URL"] = publicURL }
      if let trustedProxies = inputs.trustedProxies { values["TEMPORIS_TRUSTED_PROXIES"] = trustedProxies }
    case .authVerifier, .client:
      break
    }
    return values
  }
}
