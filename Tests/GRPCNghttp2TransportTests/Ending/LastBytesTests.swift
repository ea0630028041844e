import GRPCCore
import GRPCNghttp2Transport
import HTTP2Session
import HTTP2TestSupport
import Logging
import NIOSSL
import TestSupport
import Testing

/// What becomes of the last bytes of a connection, and of its socket after them.
@Suite(.timeLimit(.minutes(1))) struct LastBytesTests {
  /// Why a connection ends.
  enum Ending: CaseIterable {
    case age, shutdown, goodbye
  }

  private static let answerBytes = 600_000
  /// Time for a call to begin.
  private static let age = ConnectionLimitTests.long
  private let mayAnswer = Event()

  /// `Big` answers, when it may, with more than a client's kernel takes unread, and less than the server's does.
  private var service: TestService {
    TestService([
      "Big": { _, _ in
        StreamingServerResponse { writer in
          await self.mayAnswer.wait()
          try await writer.write([UInt8](repeating: 1, count: Self.answerBytes))
          return [:]
        }
      }
    ])
  }

  private static func configuration(
    _ change: (inout Nghttp2ServerConfiguration) -> Void
  ) -> Nghttp2ServerConfiguration {
    var configuration = Nghttp2ServerConfiguration.defaults
    change(&configuration)
    return configuration
  }

  /// Waits until the connection takes no more calls.
  private static func drain(_ peer: SlowPeer) async throws {
    // The second GOAWAY is the one that refuses.
    try await peer.read { $0.goAways == 2 }
  }

  /// Takes the client's leave, as the server knows afterwards.
  private static func sayGoodbye(_ peer: SlowPeer) async throws {
    try await peer.send([], WireFrame(type: 7, payload: [UInt8](repeating: 0, count: 8)), .ping())
    try await peer.read { $0.frames.contains { $0.type == 6 && $0.flags == 1 } }
  }

  private static func expectWhole(_ peer: SlowPeer, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(peer.answerBytes == self.answerBytes + 5, sourceLocation: sourceLocation)
    #expect(peer.hasTrailers, sourceLocation: sourceLocation)
    guard case .end = peer.read else {
      Issue.record("The connection was reset.", sourceLocation: sourceLocation)
      return
    }
  }

  @Test(
    "A client that still reads, and says so, when the server has written its last gets all of it",
    arguments: Ending.allCases, [false, true])
  func slowReader(ending: Ending, isSecure: Bool) async throws {
    let authority = try TestAuthority()
    let tls = try NIOSSLContext(configuration: RawTLS.client(authority.issue("client"), trusting: authority))
    let configuration = Self.configuration { $0.maxConnectionAge = ending == .age ? Self.age : nil }
    try await withServer(
      self.service, security: isSecure ? .of("token-service", authority) : .plaintext, configuration: configuration
    ) { server, endpoint in
      try await SlowPeer.call("Big", at: endpoint, tls: isSecure ? tls : nil) { peer in
        switch ending {
        case .age:
          try await Self.drain(peer)
        case .shutdown:
          server.beginGracefulShutdown()
          try await Self.drain(peer)
        case .goodbye:
          try await Self.sayGoodbye(peer)
        }
        try await peer.stopReading()
        self.mayAnswer.happen()
        try await peer.read { _ in false }
        Self.expectWhole(peer)
      }
    }
  }

  @Test("A client may take longer than the patience with it, as long as it takes something", arguments: [false, true])
  func slowerThanPatience(isSecure: Bool) async throws {
    let authority = try TestAuthority()
    let tls = try NIOSSLContext(configuration: RawTLS.client(authority.issue("client"), trusting: authority))
    let patience = Duration.seconds(3)
    let configuration = Self.configuration {
      $0.shutdownGracePeriod = patience
      $0.lingerTime = patience
    }
    try await withServer(
      self.service, security: isSecure ? .of("token-service", authority) : .plaintext, configuration: configuration
    ) { _, endpoint in
      try await SlowPeer.call("Big", at: endpoint, tls: isSecure ? tls : nil) { peer in
        try await Self.sayGoodbye(peer)
        try await peer.stopReading()
        self.mayAnswer.happen()
        // Its buffer is refilled every few pieces.
        while case .bytes = peer.read {
          try await peer.readPiece()
          try await Task.sleep(for: patience / 16)
        }
        Self.expectWhole(peer)
      }
    }
  }

  @Test("A socket that lingers takes the place of a connection until its client has closed it, too")
  func place() async throws {
    let configuration = Self.configuration {
      $0.shutdownGracePeriod = .seconds(3600)
      $0.maxConnections = 1
    }
    try await withServer(self.service, configuration: configuration) { _, endpoint in
      try await SlowPeer.call("Big", at: endpoint) { peer in
        try await Self.sayGoodbye(peer)
        self.mayAnswer.happen()
        try await peer.read { _ in false }
        Self.expectWhole(peer)
        try await WirePeer.connect(to: endpoint) { peer in
          let isServed = try await peer.read { !$0.frames.isEmpty }
          #expect(!isServed)
        }
      }
      try await withClient([endpoint]) { client in
        try await eventually(until: { await rpcError { _ = try await client.call("Echo") } == nil })
      }
    }
  }

  @Test("A client that takes nothing and never closes loses its place once the patience is over")
  func stayingClient() async throws {
    let configuration = Self.configuration {
      $0.shutdownGracePeriod = .milliseconds(50)
      $0.lingerTime = .milliseconds(50)
      $0.maxConnections = 1
    }
    try await withServer(self.service, configuration: configuration) { _, endpoint in
      try await SlowPeer.call("Big", at: endpoint) { peer in
        try await Self.sayGoodbye(peer)
        try await peer.stopReading()
        self.mayAnswer.happen()
        try await withClient([endpoint]) { client in
          try await eventually(until: { await rpcError { _ = try await client.call("Echo") } == nil })
        }
      }
    }
  }

  @Test(
    "A client that never closes doesn't keep a server from stopping, gracefully or at once", arguments: [true, false])
  func stoppingServer(isGraceful: Bool) async throws {
    let configuration = Self.configuration {
      $0.maxConnectionAge = Self.age
      $0.maxConnectionAgeGrace = .seconds(3600)
      $0.shutdownGracePeriod = isGraceful ? .milliseconds(50) : .seconds(3600)
    }
    let transport = Nghttp2ServerTransport(
      listeningOn: anyPort, configuration: configuration, logger: Logger(label: "test"))
    let server = GRPCServer(transport: transport, services: [self.service])
    let run = Task { try await server.serve() }
    try await SlowPeer.call("Big", at: transport.boundEndpoint) { peer in
      try await Self.drain(peer)
      self.mayAnswer.happen()
      try await peer.read { _ in false }
      Self.expectWhole(peer)
      if isGraceful {
        server.beginGracefulShutdown()
      } else {
        run.cancel()
      }
      try await run.value
    }
  }
}
