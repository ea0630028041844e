import Crypto
package import Foundation
package import ServiceKit
import SwiftASN1
import X509

/// The certificate authority of one stack: its signature proves who a workload is.
///
/// Its key is never written to a disk and ends with the process, so that no backup and no reader of a disk can add a
/// member to the stack. The next start makes another authority.
package struct CertificateAuthority: Sendable {
  /// The trust domain of every identity (SPIFFE-ID, section 2.1).
  package static let trustDomain = "temporis.internal"

  /// The time, in seconds, for which the authority is valid before and after it was made. It is never renewed, so this
  /// is longer than a process runs and than a clock is off.
  package static let lifetime: TimeInterval = 10 * 365 * 86_400

  /// The time, in seconds, for which a workload's certificate is valid before it was made: for clocks that are late,
  /// and for one that is set back.
  package static let clockSkew: TimeInterval = 86_400

  /// The authority's certificate, PEM.
  package let certificate: String

  private let issuer: Certificate
  private let key: Certificate.PrivateKey

  /// Makes an authority with a new key.
  package init(at now: Date = Date()) throws {
    key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    let serialNumber = Certificate.SerialNumber()
    let tag = serialNumber.bytes.suffix(4).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    let name = try DistinguishedName {
      OrganizationName("Temporis")
      // The authorities of two starts must not be taken for one.
      CommonName("Temporis local authority \(tag)")
    }
    let publicKey = key.publicKey
    issuer = try Certificate(
      version: .v3, serialNumber: serialNumber, publicKey: publicKey,
      notValidBefore: now - Self.lifetime, notValidAfter: now + Self.lifetime, issuer: name, subject: name,
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
        Critical(KeyUsage(keyCertSign: true))
        SubjectKeyIdentifier(hash: publicKey)
        // X509-SVID, section 4.1: an authority names its trust domain, and no workload of it.
        SubjectAlternativeNames([.uniformResourceIdentifier("spiffe://\(Self.trustDomain)")])
      },
      issuerPrivateKey: key)
    certificate = try issuer.serializeAsPEM().pemString + "\n"
  }

  /// Makes a key for a workload, and a certificate for it.
  ///
  /// The certificate follows X509-SVID, section 4: one URI, the identity. A service's certificate also names this
  /// machine, for clients that verify a host's name.
  /// - Parameter lifetime: The time for which the certificate is valid from now on.
  package func issue(to workload: Workload, lifetime: Duration, at now: Date = Date()) throws -> IssuedIdentity {
    let key = P256.Signing.PrivateKey()
    let publicKey = Certificate.PrivateKey(key).publicKey
    let leaf = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: publicKey,
      notValidBefore: now - Self.clockSkew, notValidAfter: now + lifetime / .seconds(1), issuer: issuer.subject,
      subject: DistinguishedName {
        OrganizationName("Temporis")
        CommonName(workload.rawValue)
      },
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage(workload.takesCalls ? [.serverAuth, .clientAuth] : [.clientAuth])
        SubjectKeyIdentifier(hash: publicKey)
        AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: issuer.publicKey).keyIdentifier)
        SubjectAlternativeNames(Self.names(of: workload))
      },
      issuerPrivateKey: self.key)
    return IssuedIdentity(certificate: try leaf.serializeAsPEM().pemString + "\n", key: key.pemRepresentation + "\n")
  }

  private static func names(of workload: Workload) -> [GeneralName] {
    let identity = GeneralName.uniformResourceIdentifier(workload.identity)
    guard workload.takesCalls else { return [identity] }
    let loopback: [[UInt8]] = [[127, 0, 0, 1], Array(repeating: 0, count: 15) + [1]]
    return [identity, .dnsName("localhost")]
      + loopback.map { .ipAddress(ASN1OctetString(contentBytes: $0[...])) }
  }
}

extension Workload {
  /// The identity as a certificate holds it (SPIFFE-ID, section 2).
  package var identity: String { "spiffe://\(CertificateAuthority.trustDomain)/\(rawValue)" }

  /// Whether it takes calls. If not, no client accepts its certificate as a server's.
  fileprivate var takesCalls: Bool {
    switch self {
    case .tokenService, .authVerifier, .predictService: true
    case .apiGateway, .client: false
    }
  }
}

/// The certificate and the key with which a workload proves its identity.
package struct IssuedIdentity: Sendable, CustomStringConvertible {
  /// The certificate chain, PEM: the leaf alone, because the authority that peers know has signed it.
  package let certificate: String
  /// The certificate's key, PEM (PKCS #8).
  package let key: String

  /// The type's name: the key is a secret.
  package var description: String { "IssuedIdentity" }
}
