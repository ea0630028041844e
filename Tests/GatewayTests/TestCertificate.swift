import ServiceKit
import SystemSupport

/// A certificate of `localhost`, made for one run of the tests.
struct TestCertificate: Sendable {
  static let shared = Task { try await TestCertificate() }

  /// The PEM file, which is also what a client must trust.
  let path: String
  private let keyPath: String

  private init() async throws {
    let folder = try Stack.makeTemporaryFolder()
    path = folder + "/certificate.pem"
    keyPath = folder + "/key.pem"
    _ = try await Command.output(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", keyPath, "-out", path,
      ])
  }

  /// What a server shows.
  var identity: TLSIdentity? {
    get throws { try TLSIdentity.read(certificate: path, key: keyPath) }
  }
}
