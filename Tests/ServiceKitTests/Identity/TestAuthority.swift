import Crypto
import Foundation
import GRPCNghttp2Transport
import Logging
import SwiftASN1
import X509

/// A CA whose certificates lie in a folder that goes with it.
final class TestAuthority: Sendable {
  private let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
  private let name: DistinguishedName
  private let folder = URL(filePath: "/tmp/temporis-identity-\(UInt64.random(in: 0 ... .max))")

  init() throws {
    name = try DistinguishedName { CommonName("Test") }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    let certificate = try sign(
      key.publicKey, subject: name,
      extensions: Certificate.Extensions { Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil)) })
    try write(certificate, to: "ca.pem")
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  /// The files of a new certificate.
  func files(of workload: String) throws -> IdentityFiles {
    let key = P256.Signing.PrivateKey()
    let certificate = try sign(
      Certificate.PrivateKey(key).publicKey, subject: try DistinguishedName { CommonName(workload) },
      extensions: Certificate.Extensions {
        SubjectAlternativeNames([.uniformResourceIdentifier("spiffe://temporis.test/\(workload)")])
      })
    let name = "\(workload)-\(UInt64.random(in: 0 ... .max))"
    try Data(key.pemRepresentation.utf8).write(to: folder.appending(path: name + ".key"))
    return IdentityFiles(
      certificate: try write(certificate, to: name + ".pem"), key: folder.path + "/" + name + ".key",
      authorities: folder.path + "/ca.pem")
  }

  // Inlined into an asynchronous function, it crashes the optimizer of Swift 6.3 in CoroSplit.
  @inline(never)
  func identity(of workload: String) throws -> WorkloadIdentity {
    try WorkloadIdentity(
      files: try files(of: workload), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private func sign(
    _ publicKey: Certificate.PublicKey, subject: DistinguishedName, extensions: Certificate.Extensions
  ) throws -> Certificate {
    try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: publicKey, notValidBefore: .now - 3600,
      notValidAfter: .now + 3600, issuer: name, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: extensions, issuerPrivateKey: key)
  }

  @discardableResult private func write(_ certificate: Certificate, to name: String) throws -> String {
    let path = folder.appending(path: name)
    try Data(try certificate.serializeAsPEM().pemString.utf8).write(to: path)
    return path.path
  }
}
