import Glibc
import NIOCore
import NIOSSL

/// What an identity's files hold, ready for handshakes.
struct IdentityCredentials: Sendable {
  let id: SPIFFEID
  let server: NIOSSLContext
  let client: NIOSSLContext

  private typealias LoadingError = WorkloadIdentity.LoadingError

  /// The suites of TLS 1.2 that RFC 9113 section 9.2.2 doesn't forbid: ephemeral keys and authenticated encryption. All
  /// of TLS 1.3's are.
  private static let cipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20"
  /// How long a peer may take to answer the end of TLS before the socket is closed under it, when this side gives up
  /// the handshake. After the handshake the socket lingers, and TLS isn't waited for.
  private static let shutdownSeconds: Int64 = 1

  /// Reads and checks the files; blocking calls.
  init(_ files: IdentityFiles) throws(WorkloadIdentity.LoadingError) {
    let chain = try Self.certificates(in: files.certificate, .certificate)
    guard let leaf = chain.first, let id = SPIFFEID(leaf) else {
      throw LoadingError(file: .certificate, reason: "names no single workload in a URI such as spiffe://domain/name")
    }
    if let fault = leaf.timeFault {
      throw LoadingError(file: .certificate, reason: "holds a certificate that \(fault)")
    }
    let authorities = try Self.certificates(in: files.authorities, .authorities)
    let key: NIOSSLPrivateKey
    do {
      // Without a callback, a key that is encrypted would be asked about on the terminal.
      key = try NIOSSLPrivateKey(file: files.key, format: .pem) { (set: (([UInt8]) -> Void)) in set([]) }
    } catch {
      throw LoadingError(file: .key, reason: "cannot be read as a PEM private key without a passphrase")
    }
    let sources = chain.map { NIOSSLCertificateSource.certificate($0) }
    var server = TLSConfiguration.makeServerConfiguration(certificateChain: sources, privateKey: .privateKey(key))
    server.secure(authorities)
    server.sendCANameList = true
    var client = TLSConfiguration.makeClientConfiguration()
    client.certificateChain = sources
    client.privateKey = .privateKey(key)
    client.secure(authorities)
    do {
      self.server = try NIOSSLContext(configuration: server)
      self.client = try NIOSSLContext(configuration: client)
    } catch NIOSSLError.failedToLoadPrivateKey {
      throw LoadingError(file: .key, reason: "does not hold the certificate's key")
    } catch {
      throw LoadingError(file: .certificate, reason: "cannot be used for TLS: \(error)")
    }
    self.id = id
  }

  private static func certificates(
    in path: String, _ file: LoadingError.File
  ) throws(WorkloadIdentity.LoadingError) -> [NIOSSLCertificate] {
    do {
      return try NIOSSLCertificate.fromPEMFile(path)
    } catch {
      throw LoadingError(file: file, reason: "cannot be read as PEM certificates")
    }
  }

  fileprivate static func configure(_ configuration: inout TLSConfiguration, authorities: [NIOSSLCertificate]) {
    configuration.minimumTLSVersion = .tlsv12
    configuration.cipherSuites = Self.cipherSuites
    configuration.applicationProtocols = ["h2"]
    configuration.trustRoots = .certificates(authorities)
    // Both sides must have a certificate; whom it is for is no host name, and checked after the handshake.
    configuration.certificateVerification = .noHostnameVerification
    configuration.renegotiationSupport = .none
    configuration.shutdownTimeout = .seconds(Self.shutdownSeconds)
  }
}

extension TLSConfiguration {
  fileprivate mutating func secure(_ authorities: [NIOSSLCertificate]) {
    IdentityCredentials.configure(&self, authorities: authorities)
  }
}

extension NIOSSLCertificate {
  /// What is wrong with the certificate's time now, after "that" or "which"; nil when nothing is.
  var timeFault: String? {
    let now = time(nil)
    if now < self.notValidBefore { return "is not valid yet" }
    // From its last second on, as BoringSSL verifies it.
    return now >= self.notValidAfter ? "has expired" : nil
  }
}
