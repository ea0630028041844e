import GRPCCore
import GRPCNghttp2Transport
import HTTP2TestSupport
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport
import Testing

/// What a server with mutual TLS makes of clients that are not ours.
@Suite(.timeLimit(.minutes(1))) struct TLSServerTests {
  struct Client: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let configuration: @Sendable (TestAuthority) throws -> TLSConfiguration

    init(
      _ testDescription: String, uris: [String] = [TestAuthority.uri("client")],
      _ change: @escaping @Sendable (inout TLSConfiguration) throws -> Void = { _ in }
    ) {
      self.init(testDescription, certificate: { try $0.issue(uris: uris) }, change)
    }

    init(
      _ testDescription: String, certificate: @escaping @Sendable (TestAuthority) throws -> IssuedCertificate?,
      _ change: @escaping @Sendable (inout TLSConfiguration) throws -> Void = { _ in }
    ) {
      self.testDescription = testDescription
      self.configuration = {
        var configuration = try RawTLS.client(certificate($0), trusting: $0)
        try change(&configuration)
        return configuration
      }
    }
  }

  private static let good = [
    Client("anything"),
    Client("TLS 1.3") { $0.minimumTLSVersion = .tlsv13 },
    Client("TLS 1.2") { $0.maximumTLSVersion = .tlsv12 },
    Client("TLS 1.2 and the suite that RFC 9113 demands, but for the kind of key") {
      $0.maximumTLSVersion = .tlsv12
      $0.cipherSuiteValues = [.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]
      $0.curves = [.secp256r1]
    },
    Client("HTTP/2 among other protocols") { $0.applicationProtocols = ["http/1.1", "h2"] },
  ]

  private static let bad = [
    Client("no certificate", certificate: { _ in nil }),
    Client("another CA", certificate: { _ in try TestAuthority("B").issue("client") }),
    Client("an expired certificate", certificate: { try $0.issue(uris: [TestAuthority.uri("client")], to: -60) }),
    Client("a certificate of tomorrow", certificate: { try $0.issue(uris: [TestAuthority.uri("client")], from: 3000) }),
    Client("a certificate without a URI", uris: []),
    Client("a certificate with two URIs", uris: [TestAuthority.uri("client"), TestAuthority.uri("auth-verifier")]),
    Client("a certificate with another kind of URI", uris: ["https://temporis.test/client"]),
    Client("a certificate of a trust domain alone", uris: ["spiffe://temporis.test"]),
    Client("a certificate of another trust domain", uris: ["spiffe://other.test/client"]),
    Client("HTTP/1.1 alone") { $0.applicationProtocols = ["http/1.1"] },
    Client("no ALPN") { $0.applicationProtocols = [] },
    Client("TLS 1.1") {
      $0.minimumTLSVersion = .tlsv1
      $0.maximumTLSVersion = .tlsv11
    },
    Client("TLS 1.2 with a suite that RFC 9113 forbids") {
      $0.maximumTLSVersion = .tlsv12
      $0.cipherSuiteValues = [.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, .TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA]
    },
  ]

  @Test("A client with a good certificate and TLS 1.2 or 1.3 is served", arguments: good)
  func serves(_ client: Client) async throws {
    let authority = try TestAuthority()
    try await withServer(security: .of("token-service", authority)) { _, endpoint in
      let outcome = try await RawTLS.connect(to: endpoint, client.configuration(authority))
      #expect(outcome.isAccepted)
    }
  }

  @Test("A client that isn't what it should be hears no HTTP/2, and the next good one is served", arguments: bad)
  func refuses(_ client: Client) async throws {
    let authority = try TestAuthority()
    try await withServer(security: .of("token-service", authority)) { _, endpoint in
      let outcome = try await RawTLS.connect(to: endpoint, client.configuration(authority))
      #expect(!outcome.isAccepted)
      try await withClient([endpoint], security: .of("client", authority)) { client in
        try await client.expect("Echo", [1], answer: [1])
      }
    }
  }

  @Test("A client that doesn't shake hands is closed in time, and its place among the connections is free again")
  func silentClient() async throws {
    let authority = try TestAuthority()
    var configuration = Nghttp2ServerConfiguration()
    configuration.maxConnections = 1
    configuration.tlsHandshakeTimeout = .milliseconds(300)
    try await withServer(security: .of("token-service", authority), configuration: configuration) { _, endpoint in
      let silent = try await Self.open(endpoint)
      try await withClient([endpoint], security: .of("client", authority)) { client in
        // It finds the only place taken, and tries again until it is free.
        let answer = try await client.call("Echo", [1], options: .options(waitForReady: true))
        #expect(answer == [1])
      }
      try await silent.closeFuture.get()
    }
  }

  @Test("A client that takes longer to shake hands than connections live is served")
  func slowHandshake() async throws {
    let authority = try TestAuthority()
    var configuration = Nghttp2ServerConfiguration()
    configuration.maxConnectionAge = .milliseconds(1)
    configuration.maxConnectionIdle = .milliseconds(1)
    configuration.keepaliveTime = .milliseconds(1)
    try await withServer(security: .of("token-service", authority), configuration: configuration) { _, endpoint in
      let client = try RawTLS.client(authority.issue("client"), trusting: authority)
      let outcome = try await RawTLS.connect(to: endpoint, client, after: .milliseconds(200))
      #expect(outcome.isAccepted)
    }
  }

  @Test("Connections over the most are closed without a handshake") func maxConnections() async throws {
    let authority = try TestAuthority()
    var configuration = Nghttp2ServerConfiguration()
    configuration.maxConnections = 1
    try await withServer(security: .of("token-service", authority), configuration: configuration) { _, endpoint in
      try await withClient([endpoint], security: .of("client", authority)) { client in
        try await client.expect("Echo", [1], answer: [1])
        let outcome = try await RawTLS.connect(
          to: endpoint, RawTLS.client(authority.issue("client"), trusting: authority))
        #expect(!outcome.isAccepted)
        #expect(outcome.certificate == nil)
      }
    }
  }

  @Test("A client in its handshake doesn't keep a server from stopping") func shutdownDuringHandshake() async throws {
    var configuration = Nghttp2ServerConfiguration()
    configuration.tlsHandshakeTimeout = .seconds(3600)
    configuration.shutdownGracePeriod = .seconds(3600)
    let silent = try await withServer(security: .of("token-service", TestAuthority()), configuration: configuration) {
      _, endpoint in
      let silent = try await Self.open(endpoint)
      // Accepted after it, so the silent one is by then, too.
      let other = try await Self.open(endpoint)
      try await other.writeAndFlush(ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n")).get()
      try await other.closeFuture.get()
      return silent
    }
    try await silent.closeFuture.get()
  }

  /// A TCP connection that says nothing.
  private static func open(_ endpoint: SocketEndpoint) async throws -> any Channel {
    guard case .host(let host, let port) = endpoint else { throw TimedOut() }
    return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: host, port: port).get()
  }
}
