import GRPCCore
import GRPCNghttp2Transport
import HTTP2TestSupport
import Logging
import NIOSSL
import Synchronization
import TestSupport
import Testing

/// Certificates that are replaced while a server runs.
@Suite(.timeLimit(.minutes(1))) struct IdentityReloadTests {
  /// Remembers the warnings.
  private final class Warnings: LogHandler, Sendable {
    let lines = Mutex<[String]>([])

    var metadata: Logger.Metadata {
      get { [:] }
      set {}
    }
    var logLevel: Logger.Level {
      get { .warning }
      set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { nil }
      set {}
    }

    func log(event: LogEvent) {
      self.lines.withLock { $0.append("\(event.message) \(event.metadata?.description ?? "")") }
    }

    var count: Int { self.lines.withLock { $0.count } }
  }

  private let authority: TestAuthority
  private let warnings = Warnings()

  init() throws {
    self.authority = try TestAuthority()
  }

  private func identity(_ files: TestIdentityFiles) throws -> WorkloadIdentity {
    try files.identity(reloadInterval: .milliseconds(10), logger: Logger(label: "test") { [warnings] _ in warnings })
  }

  /// Whether a server shows a certificate to the next client.
  private func shows(_ certificate: IssuedCertificate, at endpoint: SocketEndpoint) async throws -> Bool {
    let outcome = try await RawTLS.connect(
      to: endpoint, RawTLS.client(self.authority.issue("client"), trusting: self.authority))
    guard let shown = outcome.certificate else { throw TimedOut() }
    return try NIOSSLCertificate(bytes: Array(certificate.pem.utf8), format: .pem).toDERBytes() == shown
  }

  @Test("New connections get a new certificate, and open calls go on") func reload() async throws {
    let (old, new) = (try authority.issue("token-service"), try authority.issue("token-service"))
    let files = try TestIdentityFiles(old, trusting: authority)
    try await withServer(security: .mutualTLS(identity(files))) { _, endpoint in
      #expect(try await shows(old, at: endpoint))
      try await withClient([endpoint], security: .of("client", authority)) { client in
        let answers = try await client.stream("Echo") { writer in
          try await writer.write([1])
          try files.replace(\.key, with: new.key)
          try files.replace(\.certificate, with: new.pem)
          try await eventually { try await shows(new, at: endpoint) }
          try await writer.write([2])
        } response: { response in
          try await response.messages.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == [[1], [2]])
      }
    }
  }

  @Test("Half of a new identity leaves the old one in use with one warning; the other half completes it")
  func brokenReload() async throws {
    let (old, new) = (try authority.issue("token-service"), try authority.issue("token-service"))
    let files = try TestIdentityFiles(old, trusting: authority)
    try await withServer(security: .mutualTLS(identity(files))) { _, endpoint in
      try files.replace(\.certificate, with: new.pem)
      try await eventually { warnings.count == 1 }
      #expect(try await shows(old, at: endpoint))
      try files.replace(\.key, with: new.key)
      try await eventually { try await shows(new, at: endpoint) }
      #expect(warnings.count == 1)
    }
  }

  @Test("A certificate whose time hasn't come is taken once it has") func earlyCertificate() async throws {
    let old = try authority.issue("token-service")
    let new = try authority.issue(uris: [TestAuthority.uri("token-service")], from: 3)
    let files = try TestIdentityFiles(old, trusting: authority)
    try await withServer(security: .mutualTLS(identity(files))) { _, endpoint in
      try files.replace(\.key, with: new.key)
      try files.replace(\.certificate, with: new.pem)
      try await eventually { warnings.lines.withLock { $0.contains { $0.contains("is not valid yet") } } }
      try await eventually { try await shows(new, at: endpoint) }
    }
  }

  @Test("A file that can't be used is named in a warning, without what it holds", arguments: ["garbage", "", "gone"])
  func unusableFile(_ text: String) async throws {
    let old = try authority.issue("token-service")
    let secret = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
    for file in [\IdentityFiles.certificate, \.key, \.authorities] {
      let files = try TestIdentityFiles(old, trusting: authority)
      let count = warnings.count
      try await withServer(security: .mutualTLS(identity(files))) { _, endpoint in
        try files.replace(file, with: text + secret)
        try await eventually { warnings.count > count }
        #expect(try await shows(old, at: endpoint))
      }
    }
    #expect(warnings.lines.withLock { $0.allSatisfy { !$0.contains("c2VjcmV0") && !$0.contains("garbage") } })
  }

  @Test("Another workload's certificate is not taken over") func otherWorkload() async throws {
    let (old, new) = (try authority.issue("token-service"), try authority.issue("auth-verifier"))
    let files = try TestIdentityFiles(old, trusting: authority)
    try await withServer(security: .mutualTLS(identity(files))) { _, endpoint in
      try files.replace(\.key, with: new.key)
      try files.replace(\.certificate, with: new.pem)
      try await eventually { warnings.lines.withLock { $0.contains { $0.contains("auth-verifier") } } }
      #expect(try await shows(old, at: endpoint))
    }
  }

  @Test("A new CA's clients are served once it is in the bundle, and not before") func newAuthority() async throws {
    let files = try TestIdentityFiles(authority.issue("token-service"), trusting: authority)
    let other = try TestAuthority("B")
    try await withServer(security: .mutualTLS(identity(files))) { _, endpoint in
      let client = try RawTLS.client(other.issue("client"), trusting: authority)
      let before = try await RawTLS.connect(to: endpoint, client)
      #expect(!before.isAccepted)
      try files.replace(\.authorities, with: authority.pem + "\n" + other.pem)
      try await eventually { try await RawTLS.connect(to: endpoint, client).isAccepted }
    }
  }
}
