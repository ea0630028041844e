import Crypto
import Foundation
import LocalStack
import ServiceKit
import SwiftASN1
import Testing
@_spi(FixedExpiryValidationTime) import X509

@Suite("The certificate authority")
struct CertificateAuthorityTests {
  private let now = Date(timeIntervalSince1970: 1_800_000_000)
  private let authority: CertificateAuthority

  init() throws {
    authority = try CertificateAuthority(at: now)
  }

  private func leaf(_ workload: Workload, lifetime: Duration = .seconds(3600)) throws -> Certificate {
    try Certificate(pemEncoded: authority.issue(to: workload, lifetime: lifetime, at: now).certificate)
  }

  private func isBelieved(_ leaf: Certificate, by authority: CertificateAuthority, at time: Date) async throws -> Bool {
    let root = try Certificate(pemEncoded: authority.certificate)
    var verifier = Verifier(rootCertificates: CertificateStore([root])) {
      RFC5280Policy(fixedExpiryValidationTime: time)
    }
    guard case .validCertificate = await verifier.validate(leaf: leaf, intermediates: CertificateStore()) else {
      return false
    }
    return true
  }

  @Test("What it signs is believed by those who know it, and by nobody else", arguments: Workload.allCases)
  func chain(workload: Workload) async throws {
    let leaf = try leaf(workload)
    #expect(try await isBelieved(leaf, by: authority, at: now))
    #expect(try await !isBelieved(leaf, by: CertificateAuthority(at: now), at: now))
  }

  @Test("A certificate is valid from a day before, for clocks that are late or set back, until its lifetime has passed")
  func lifetime() async throws {
    let leaf = try leaf(.tokenService, lifetime: .seconds(60))
    for (offset, works) in [(-86_401.0, false), (-86_399, true), (-3_600, true), (59, true), (61, false)] {
      #expect(try await isBelieved(leaf, by: authority, at: now + offset) == works, "\(offset)")
    }
    let root = try Certificate(pemEncoded: authority.certificate)
    #expect(root.notValidAfter.timeIntervalSince(now) > 365 * 86_400)
  }

  @Test("The authority is valid from long before, so that it can sign after the clock was set back")
  func earlierClock() async throws {
    for days in [1.0, 30, 365] {
      let earlier = now - days * 86_400
      let identity = try authority.issue(to: .tokenService, lifetime: .seconds(60), at: earlier)
      let leaf = try Certificate(pemEncoded: identity.certificate)
      #expect(try await isBelieved(leaf, by: authority, at: earlier), "\(days)")
    }
  }

  @Test("A service's certificate has its identity, and this machine's names for clients that look for one")
  func serverNames() throws {
    for workload in [Workload.tokenService, .authVerifier, .predictService] {
      let leaf = try leaf(workload)
      let names = try #require(try leaf.extensions.subjectAlternativeNames)
      #expect(
        Array(names) == [
          .uniformResourceIdentifier("spiffe://temporis.internal/\(workload.rawValue)"), .dnsName("localhost"),
          .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1])),
          .ipAddress(ASN1OctetString(contentBytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])),
        ])
      #expect(try leaf.extensions.extendedKeyUsage == ExtendedKeyUsage([.serverAuth, .clientAuth]))
    }
  }

  @Test("Who takes no calls cannot pass for a service: no host's name, and no use as a server's certificate")
  func clientNames() throws {
    for workload in [Workload.apiGateway, .client] {
      let leaf = try leaf(workload)
      let names = try #require(try leaf.extensions.subjectAlternativeNames)
      #expect(
        Array(names) == [.uniformResourceIdentifier("spiffe://temporis.internal/\(workload.rawValue)")])
      #expect(try leaf.extensions.extendedKeyUsage == ExtendedKeyUsage([.clientAuth]))
    }
  }

  @Test("Only the authority may sign, and for nobody who could sign in turn")
  func constraints() throws {
    let root = try Certificate(pemEncoded: authority.certificate)
    #expect(try root.extensions.basicConstraints == .isCertificateAuthority(maxPathLength: 0))
    #expect(try root.extensions.keyUsage == KeyUsage(keyCertSign: true))
    for workload in Workload.allCases {
      #expect(try leaf(workload).extensions.basicConstraints == .notCertificateAuthority)
      #expect(try leaf(workload).extensions.keyUsage == KeyUsage(digitalSignature: true))
    }
  }

  @Test("The key is the certificate's, another one each time, and in no description")
  func keys() throws {
    let identities = try (0..<2).map { _ in try authority.issue(to: .client, lifetime: .seconds(60), at: now) }
    for identity in identities {
      let key = try P256.Signing.PrivateKey(pemRepresentation: identity.key)
      let certificate = try Certificate(pemEncoded: identity.certificate)
      #expect(P256.Signing.PublicKey(certificate.publicKey)?.rawRepresentation == key.publicKey.rawRepresentation)
      #expect(!"\(identity)\(Optional(identity) as Any)".contains("PRIVATE"))
    }
    #expect(identities[0].key != identities[1].key)
    #expect(
      try Certificate(pemEncoded: identities[0].certificate).serialNumber
        != Certificate(pemEncoded: identities[1].certificate).serialNumber)
  }
}
