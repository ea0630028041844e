import Crypto
package import Foundation
import SwiftASN1
import X509

/// The certificate authority of one stack: whoever has its signature is who it says.
///
/// Its key is never written down, and goes with the process: no backup and no reader of a disk can ever name a new member
/// of the stack. The next start makes another authority.
package struct CertificateAuthority: Sendable {
  /// The trust domain of every identity (SPIFFE-ID, section 2.1).
  package static let trustDomain = "temporis.internal"

  /// How long the authority is believed. Longer than any process runs, since it is made anew with each.
  package static let lifetime: TimeInterval = 10 * 365 * 86_400

  /// How long ago what is signed has begun to be valid, for clocks that are late.
  package static let clockSkew: TimeInterval = 300

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
      // Two authorities, of two starts, are not to be taken for one.
      CommonName("Temporis local authority \(tag)")
    }
    let publicKey = key.publicKey
    issuer = try Certificate(
      version: .v3, serialNumber: serialNumber, publicKey: publicKey,
      notValidBefore: now - Self.clockSkew, notValidAfter: now + Self.lifetime, issuer: name, subject: name,
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
        Critical(KeyUsage(keyCertSign: true))
        SubjectKeyIdentifier(hash: publicKey)
        // X509-SVID, section 4.1: an authority names its trust domain and nobody in it.
        SubjectAlternativeNames([.uniformResourceIdentifier("spiffe://\(Self.trustDomain)")])
      },
      issuerPrivateKey: key)
    certificate = try issuer.serializeAsPEM().pemString + "\n"
  }

  /// Makes a key for a workload, and signs who it belongs to.
  ///
  /// The certificate follows X509-SVID, section 4: one URI, the identity. A service's names this machine besides, for
  /// clients that look for a host's name.
  /// - Parameter lifetime: How long the certificate works from now on.
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
