import GRPCCore
import GRPCNghttp2Transport
import HTTP2TestSupport
import NIOCore
import NIOPosix
import NIOSSL
import Testing

/// Mutual TLS between two of our own transports.
@Suite(.timeLimit(.minutes(1))) struct MutualTLSTests {
  /// Answers with the identity of the caller.
  static let whoami = TestService([
    "Whoami": { _, context in
      let identity = context.peerIdentity ?? "nobody"
      return StreamingServerResponse { writer in
        try await writer.write(Array(identity.utf8))
        return [:]
      }
    }
  ])

  @Test("The handler learns from the context who calls, each connection's own", arguments: [false, true])
  func identity(overUnixSocket: Bool) async throws {
    let authority = try TestAuthority()
    let endpoint =
      overUnixSocket ? SocketEndpoint.unixSocket(path: "/tmp/tls-\(UInt32.random(in: 0 ... .max)).sock") : anyPort
    try await withServer(on: endpoint, Self.whoami, security: .of("token-service", authority)) { _, endpoint in
      for workload in ["auth-verifier", "predict-service"] {
        let security = try TransportSecurity.of(workload, authority, peer: .workload("token-service"))
        try await withClient([endpoint], security: security) { client in
          try await client.expect("Whoami", answer: Array("spiffe://temporis.test/\(workload)".utf8))
          try await client.expect("Echo", [1, 2, 3], answer: [1, 2, 3])
        }
      }
    }
  }

  @Test("Without TLS nobody has an identity") func plaintextIdentity() async throws {
    try await withLoopback(Self.whoami) { try await $0.expect("Whoami", answer: Array("nobody".utf8)) }
  }

  @Test("Messages larger than TLS records and windows arrive whole, both ways") func largeMessages() async throws {
    let authority = try TestAuthority()
    let message = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try await withServer(security: .of("token-service", authority)) { _, endpoint in
      try await withClient([endpoint], security: .of("client", authority)) { client in
        try await client.expect("Echo", message, answer: message)
      }
    }
  }

  @Test("A client of another server's expected name doesn't call it, and says whom it met") func wrongServer()
    async throws
  {
    let authority = try TestAuthority()
    try await withServer(security: .of("predict-service", authority)) { _, endpoint in
      let security = try TransportSecurity.of("client", authority, peer: .workload("token-service"))
      try await withClient([endpoint], security: security) { client in
        let error = await rpcError { _ = try await client.call("Echo") }
        #expect(error?.code == .unavailable)
        #expect(
          error?.message.contains(
            "names 'spiffe://temporis.test/predict-service', not 'spiffe://temporis.test/token-service'.") == true,
          "\(String(describing: error))")
      }
    }
  }

  @Test("A workload of the same name elsewhere in the trust domain is another one", arguments: ["", "ns/dev/"])
  func otherNamespace(path: String) async throws {
    let authority = try TestAuthority()
    try await withServer(security: .of("ns/prod/token-service", authority)) { _, endpoint in
      // Met by a client that expects it at home, and by a server that isn't anybody's there.
      for peer in [ExpectedPeer.workload("token-service"), .anyWorkload] {
        let security = try TransportSecurity.of(path + "auth-verifier", authority, peer: peer)
        try await withClient([endpoint], security: security) { client in
          #expect(await rpcError { _ = try await client.call("Echo") }?.code == .unavailable)
        }
      }
      let security = try TransportSecurity.of("ns/prod/auth-verifier", authority, peer: .workload("token-service"))
      try await withClient([endpoint], security: security) { try await $0.expect("Echo", [1], answer: [1]) }
    }
  }

  @Test("A server lets in nobody from elsewhere in the trust domain", arguments: ["", "ns/dev/"])
  func clientOfOtherNamespace(path: String) async throws {
    let authority = try TestAuthority()
    try await withServer(security: .of("ns/prod/token-service", authority)) { _, endpoint in
      let client = try RawTLS.client(authority.issue(path + "auth-verifier"), trusting: authority)
      #expect(try await !RawTLS.connect(to: endpoint, client).isAccepted)
      let neighbour = try RawTLS.client(authority.issue("ns/prod/auth-verifier"), trusting: authority)
      #expect(try await RawTLS.connect(to: endpoint, neighbour).isAccepted)
    }
  }

  @Test("A client that the server's CA doesn't know is told that it was refused") func unknownClient() async throws {
    let (authority, stranger) = (try TestAuthority("A"), try TestAuthority("B"))
    try await withServer(security: .of("token-service", authority)) { _, endpoint in
      let files = try TestIdentityFiles(stranger.issue("auth-verifier"), trusting: authority)
      try await withClient([endpoint], security: .mutualTLS(files.identity())) { client in
        let error = await rpcError { _ = try await client.call("Echo") }
        #expect(error?.code == .unavailable)
        #expect(
          error?.message.contains("the peer refused this side's certificate") == true, "\(String(describing: error))")
      }
    }
  }

  @Test("A client without TLS and a server with it don't meet, and the client hears what may be wrong")
  func plaintextClient() async throws {
    try await withServer(security: .of("token-service", TestAuthority())) { _, endpoint in
      try await withClient([endpoint]) { client in
        let error = await rpcError { _ = try await client.call("Echo") }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("a server that wants TLS") == true, "\(String(describing: error))")
      }
    }
  }

  @Test("A client with TLS and a server without it don't meet, and the client hears what is wrong")
  func plaintextServer() async throws {
    try await withServer { _, endpoint in
      try await withClient([endpoint], security: .of("client", TestAuthority())) { client in
        let error = await rpcError { _ = try await client.call("Echo") }
        #expect(error?.code == .unavailable)
        // Which of the two depends on whether the server's answer in the clear arrives before its close.
        let reasons = ["the peer does not speak TLS", "the peer closed the connection during the TLS handshake"]
        let message = error?.message ?? ""
        #expect(reasons.contains { message.contains($0) }, "\(String(describing: error))")
      }
    }
  }

  @Test("A client gives up a server that doesn't shake hands in time") func silentServer() async throws {
    try await RawTLS.listen(nil) { endpoint in
      var configuration = Nghttp2ClientConfiguration()
      // The TCP connection must have been made by then, on a busy machine, too.
      configuration.connectTimeout = .seconds(2)
      try await withClient([endpoint], security: .of("client", TestAuthority()), configuration: configuration) {
        let client = $0
        let error = await rpcError { _ = try await client.call("Echo") }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("the TLS handshake took too long") == true, "\(String(describing: error))")
      }
    }
  }

  /// Something that is wrong with a server.
  struct BadServer: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let message: String
    let configuration: @Sendable (TestAuthority) throws -> TLSConfiguration

    static let all = [
      BadServer(testDescription: "another CA", message: "the peer's certificate is not a valid one of the CA") { _ in
        try RawTLS.server(TestAuthority("B").issue("token-service"))
      },
      BadServer(testDescription: "expired", message: "the peer's certificate has expired") {
        try RawTLS.server($0.issue(uris: [TestAuthority.uri("token-service")], to: -60))
      },
      BadServer(testDescription: "no URI", message: "names no single workload") {
        try RawTLS.server($0.issue(uris: []))
      },
      BadServer(testDescription: "another trust domain", message: "not 'spiffe://temporis.test/token-service'") {
        try RawTLS.server($0.issue(uris: ["spiffe://other.test/token-service"]))
      },
      BadServer(testDescription: "HTTP/1.1 alone", message: "does not agree on HTTP/2 by ALPN") {
        var configuration = try RawTLS.server($0.issue("token-service"))
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
      },
      BadServer(testDescription: "TLS 1.1", message: "TLS failed with") {
        var configuration = try RawTLS.server($0.issue("token-service"))
        configuration.minimumTLSVersion = .tlsv1
        configuration.maximumTLSVersion = .tlsv11
        return configuration
      },
    ]
  }

  @Test("A client refuses a server that isn't what it should be, and says why", arguments: BadServer.all)
  func badServer(_ bad: BadServer) async throws {
    let authority = try TestAuthority()
    try await RawTLS.listen(bad.configuration(authority)) { endpoint in
      let security = try TransportSecurity.of("client", authority, peer: .workload("token-service"))
      try await withClient([endpoint], security: security) { client in
        let error = await rpcError { _ = try await client.call("Echo") }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains(bad.message) == true, "\(String(describing: error))")
      }
    }
  }
}
