import Foundation
package import GRPCNghttp2Transport
package import ServiceKit

/// The folder of the identities: the authority's certificate, and a certificate and a key for each workload. Only its
/// owner may read it.
package struct CertificateFolder: Sendable {
  /// The folder's absolute path.
  package let path: String

  /// Creates the description of a folder, without accessing it.
  package init(path: String) {
    self.path = path
  }

  /// The paths of a workload's files.
  package func files(of workload: Workload) -> IdentityFiles {
    IdentityFiles(
      certificate: "\(path)/\(workload.rawValue).pem", key: "\(path)/\(workload.rawValue).key",
      authorities: path + "/ca.pem")
  }

  /// Makes the folder, and removes what an earlier stack has left in it.
  func create() throws {
    remove()
    guard mkdir(path, 0o700) == 0 else { throw LocalStackError(.dataFolder, "\(path) cannot be created") }
  }

  /// Removes the folder.
  func remove() {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Writes the authority's certificate.
  func write(authority certificate: String) throws {
    try DataFolder.write(certificate, to: path + "/ca.pem", mode: 0o600)
  }

  /// Writes a workload's files, or replaces them. Each file is complete at any time. For as long as a rename takes, a
  /// reader may see a key and a certificate that do not match.
  func write(_ identity: IssuedIdentity, for workload: Workload) throws {
    let files = files(of: workload)
    try DataFolder.stage(identity.key, for: files.key, mode: 0o600)
    try DataFolder.stage(identity.certificate, for: files.certificate, mode: 0o600)
    try DataFolder.commit(files.key)
    try DataFolder.commit(files.certificate)
  }
}

extension IdentityFiles {
  /// The environment variables that tell a service where the files are.
  package var environment: [String: String] {
    [
      "TEMPORIS_IDENTITY_CERTIFICATE": certificate, "TEMPORIS_IDENTITY_KEY": key, "TEMPORIS_IDENTITY_CA": authorities,
    ]
  }
}
