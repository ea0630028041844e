package import NIOSSL

/// The certificate that the gateway shows, and its key.
package struct TLSIdentity: Sendable {
  /// What a server needs to show it.
  package let configuration: TLSConfiguration

  /// Reads a certificate chain and its key from PEM files.
  /// - Parameters: The paths. Empty: none.
  /// - Returns: Nil when both are empty: the gateway then speaks plain HTTP/1.1.
  /// - Throws: ``SettingError`` when only one is given, or a file cannot be used.
  package static func read(certificate: String, key: String) throws(SettingError) -> TLSIdentity? {
    switch (certificate.isEmpty, key.isEmpty) {
    case (true, true): nil
    case (false, true): throw SettingError("--tls-certificate needs --tls-key beside it")
    case (true, false): throw SettingError("--tls-key needs --tls-certificate beside it")
    case (false, false): try TLSIdentity(certificate: certificate, key: key)
    }
  }

  private init(certificate: String, key: String) throws(SettingError) {
    let chain: [NIOSSLCertificateSource]
    do {
      chain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
    } catch {
      throw SettingError("--tls-certificate names '\(certificate)', which cannot be read as a PEM certificate")
    }
    let privateKey: NIOSSLPrivateKey
    do {
      privateKey = try NIOSSLPrivateKey(file: key, format: .pem)
    } catch {
      throw SettingError("--tls-key names '\(key)', which cannot be read as a PEM private key")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain, privateKey: .privateKey(privateKey))
    configuration.minimumTLSVersion = .tlsv12
    do {
      _ = try NIOSSLContext(configuration: configuration)
    } catch {
      throw SettingError("--tls-certificate and --tls-key do not belong together")
    }
    self.configuration = configuration
  }
}
