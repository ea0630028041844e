package import GRPCNghttp2Transport
import Logging

extension ReadyFile {
  /// Reads the identity of a client of the running stack. `nil` when its services speak plaintext.
  ///
  /// - Throws: `LocalStackError` with `.notRunning` when the files cannot be used.
  package func identity() throws -> WorkloadIdentity? {
    guard let tls else { return nil }
    do {
      let files = IdentityFiles(certificate: tls.clientCertificate, key: tls.clientKey, authorities: tls.ca)
      return try WorkloadIdentity(files: files, logger: .silent)
    } catch {
      throw LocalStackError(.notRunning, "\(error) Restart `temporis up`")
    }
  }
}
