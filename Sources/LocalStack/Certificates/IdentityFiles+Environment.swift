package import GRPCNghttp2Transport

extension IdentityFiles {
  /// The files as a service finds them in its environment.
  package var environment: [String: String] {
    [
      "TEMPORIS_IDENTITY_CERTIFICATE": certificate, "TEMPORIS_IDENTITY_KEY": key, "TEMPORIS_IDENTITY_CA": authorities,
    ]
  }
}
