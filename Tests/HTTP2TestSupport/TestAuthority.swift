import Crypto
import Foundation
package import GRPCNghttp2Transport
package import Logging
package import NIOSSL
import SwiftASN1
import Synchronization
import TestSupport
import X509

/// A certificate authority that signs whatever a test needs.
package final class TestAuthority: Sendable {
  package static let trustDomain = "temporis.test"

  package let pem: String
  /// What ``files(of:)`` made.
  private let files = Mutex<[TestIdentityFiles]>([])
  private let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
  private let name: DistinguishedName

  package init(_ name: String = "A") throws {
    self.name = try DistinguishedName { CommonName(name) }
    let certificate = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: self.key.publicKey,
      notValidBefore: .now - 86_400 * 30, notValidAfter: .now + 86_400, issuer: self.name, subject: self.name,
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
        Critical(KeyUsage(keyCertSign: true))
      },
      issuerPrivateKey: self.key)
    self.pem = try certificate.serializeAsPEM().pemString
  }

  /// A workload's SPIFFE ID.
  package static func uri(_ workload: String) -> String { "spiffe://\(self.trustDomain)/\(workload)" }

  /// Signs a certificate with these URIs, whose time begins and ends at so many seconds from now.
  package func issue(uris: [String], from start: Double = -3600, to end: Double = 3600) throws -> IssuedCertificate {
    let key = P256.Signing.PrivateKey()
    let certificate = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key.publicKey),
      notValidBefore: .now + start, notValidAfter: .now + end, issuer: self.name,
      subject: try DistinguishedName { CommonName("workload") }, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        try ExtendedKeyUsage([.serverAuth, .clientAuth])
        if uris.isEmpty {
          SubjectAlternativeNames([.dnsName("localhost")])
        } else {
          SubjectAlternativeNames(uris.map { .uniformResourceIdentifier($0) })
        }
      },
      issuerPrivateKey: self.key)
    return IssuedCertificate(pem: try certificate.serializeAsPEM().pemString, key: key.pemRepresentation)
  }

  package func issue(_ workload: String) throws -> IssuedCertificate {
    try self.issue(uris: [Self.uri(workload)])
  }

  /// The files of a new certificate, which stay as long as the authority.
  package func files(of workload: String) throws -> IdentityFiles {
    let new = try TestIdentityFiles(self.issue(workload), trusting: self)
    self.files.withLock { $0.append(new) }
    return new.files
  }

  // Inlined into an asynchronous function, it crashes the optimizer of Swift 6.3 in CoroSplit.
  @inline(never)
  package func identity(of workload: String) throws -> WorkloadIdentity {
    // The files may go: they have been read.
    try TestIdentityFiles(self.issue(workload), trusting: self).identity()
  }
}

/// A certificate and its key, as PEM.
package struct IssuedCertificate: Sendable {
  package let pem: String
  package let key: String

  /// As TLS wants it.
  package var sources: (chain: [NIOSSLCertificateSource], key: NIOSSLPrivateKeySource) {
    get throws {
      (
        try NIOSSLCertificate.fromPEMBytes(Array(self.pem.utf8)).map { .certificate($0) },
        .privateKey(try NIOSSLPrivateKey(bytes: Array(self.key.utf8), format: .pem))
      )
    }
  }
}

/// The files of an identity, in a folder of their own that goes with this.
package final class TestIdentityFiles: Sendable {
  package let files: IdentityFiles
  private let folder: URL

  package init(_ certificate: IssuedCertificate, trusting authorities: TestAuthority...) throws {
    self.folder = URL(filePath: "/tmp/temporis-identity-\(UInt64.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: false)
    self.files = IdentityFiles(
      certificate: self.folder.path + "/identity.pem", key: self.folder.path + "/identity.key",
      authorities: self.folder.path + "/ca.pem")
    try self.replace(\.certificate, with: certificate.pem)
    try self.replace(\.key, with: certificate.key)
    try self.replace(\.authorities, with: authorities.map(\.pem).joined(separator: "\n"))
  }

  deinit {
    try? FileManager.default.removeItem(at: self.folder)
  }

  /// Puts a new file in the place of one, as whoever renews certificates does.
  package func replace(_ file: KeyPath<IdentityFiles, String>, with text: String) throws {
    let path = self.files[keyPath: file]
    try Data(text.utf8).write(to: URL(filePath: path + ".new"))
    guard rename(path + ".new", path) == 0 else { throw CocoaError(.fileWriteUnknown) }
  }

  /// Loads them.
  package func identity(
    reloadInterval: Duration = .seconds(3600), logger: Logger = .silent
  ) throws -> WorkloadIdentity {
    try WorkloadIdentity(files: self.files, reloadInterval: reloadInterval, logger: logger)
  }
}

extension TransportSecurity {
  /// A workload of a CA that takes the same CA's.
  package static func of(
    _ workload: String, _ authority: TestAuthority, peer: ExpectedPeer = .anyWorkload
  ) throws -> TransportSecurity {
    .mutualTLS(try authority.identity(of: workload), peer: peer)
  }
}
