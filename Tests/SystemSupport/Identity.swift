/// The files by which a process proves who it is.
package struct Identity: Sendable {
  package let certificate: String
  package let key: String
  package let authorities: String

  /// Files of the names that `temporis up` and docker/secrets.sh give them.
  package init(folder: String, prefix: String = "", name: String) {
    certificate = "\(folder)/\(prefix)\(name).pem"
    key = "\(folder)/\(prefix)\(name).key"
    authorities = "\(folder)/\(prefix)ca.pem"
  }

  /// What a process of ours finds in its environment.
  package var environment: [String: String] {
    [
      "TEMPORIS_IDENTITY_CERTIFICATE": certificate, "TEMPORIS_IDENTITY_KEY": key, "TEMPORIS_IDENTITY_CA": authorities,
    ]
  }
}
