import Glibc

/// The PEM files of a workload's identity.
public struct IdentityFiles: Sendable, Hashable {
  /// The certificate chain, the workload's own first; it names the workload in a URI such as
  /// `spiffe://temporis.internal/auth-verifier`.
  public var certificate: String
  /// The certificate's private key.
  public var key: String
  /// The certificates of the CA, one of which a peer's certificate must chain to.
  public var authorities: String

  /// Names the files by their paths.
  public init(certificate: String, key: String, authorities: String) {
    self.certificate = certificate
    self.key = key
    self.authorities = authorities
  }
}

extension IdentityFiles {
  /// What changes when a file does: when it is written, and when another takes its place.
  struct Version: Equatable {
    private var device: UInt64 = 0
    private var inode: UInt64 = 0
    private var size: Int64 = 0
    private var written: [Int] = []

    /// Looks at a file; a blocking call. One that isn't there has a version, too.
    init(of path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return }
      self.device = UInt64(status.st_dev)
      self.inode = UInt64(status.st_ino)
      self.size = Int64(status.st_size)
      self.written = [
        status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
      ]
    }
  }

  /// The versions of all files; blocking calls.
  var versions: [Version] {
    [Version(of: self.certificate), Version(of: self.key), Version(of: self.authorities)]
  }
}
