import Foundation
package import GRPCNghttp2Transport

/// The folder of the identities: the authority's certificate, and a certificate and a key for each workload. Only its owner
/// may look into it.
package struct CertificateFolder: Sendable {
  /// The folder's absolute path.
  package let path: String

  /// Names the folder without looking at it.
  package init(path: String) {
    self.path = path
  }

  /// Where the files of a workload are.
  package func files(of workload: Workload) -> IdentityFiles {
    IdentityFiles(
      certificate: "\(path)/\(workload.rawValue).pem", key: "\(path)/\(workload.rawValue).key",
      authorities: path + "/ca.pem")
  }

  /// Makes the folder, without what an earlier stack has left in it.
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

  /// Writes a workload's files, or replaces them. Each is whole at any time; between the two a reader may see a key and a
  /// certificate that do not match, for as long as a rename takes.
  func write(_ identity: IssuedIdentity, for workload: Workload) throws {
    let files = files(of: workload)
    try DataFolder.stage(identity.key, for: files.key, mode: 0o600)
    try DataFolder.stage(identity.certificate, for: files.certificate, mode: 0o600)
    try DataFolder.commit(files.key)
    try DataFolder.commit(files.certificate)
  }
}
