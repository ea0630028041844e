import GRPCNghttp2Transport
import HTTP2TestSupport
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import TestSupport

/// A TLS peer that is configured by hand, so that it can be one that should be refused.
enum RawTLS {
  /// What came of a connection to a server.
  struct Outcome: Sendable {
    /// Whether HTTP/2 began.
    var isAccepted: Bool
    /// What the server showed.
    var certificate: [UInt8]?
    var version: TLSVersion?
  }

  /// How a good client is configured, of which a test spoils something.
  static func client(_ certificate: IssuedCertificate?, trusting authority: TestAuthority) throws -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    if let sources = try certificate?.sources {
      configuration.certificateChain = sources.chain
      configuration.privateKey = sources.key
    }
    configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authority.pem.utf8)))
    configuration.certificateVerification = .noHostnameVerification
    configuration.applicationProtocols = ["h2"]
    return configuration
  }

  /// How a good server is configured.
  static func server(_ certificate: IssuedCertificate) throws -> TLSConfiguration {
    let sources = try certificate.sources
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: sources.chain, privateKey: sources.key)
    configuration.applicationProtocols = ["h2"]
    return configuration
  }

  /// Connects, says nothing for `silence`, shakes hands, and waits for the server's first bytes or the end of the
  /// connection.
  static func connect(
    to endpoint: SocketEndpoint, _ configuration: TLSConfiguration, after silence: Duration = .zero
  ) async throws -> Outcome {
    guard case .host(let host, let port) = endpoint else { throw TimedOut() }
    let context = try NIOSSLContext(configuration: configuration)
    let (channel, outcome) = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: host, port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          let outcome = channel.eventLoop.makePromise(of: Outcome.self)
          try channel.pipeline.syncOperations.addHandler(Witness(outcome: outcome))
          return (channel, outcome.futureResult)
        }
      }
    defer { channel.close(promise: nil) }
    try await Task.sleep(for: silence)
    try await channel.eventLoop.submit {
      guard channel.isActive else { return }
      try channel.pipeline.syncOperations.addHandler(
        try NIOSSLClientHandler(context: context, serverHostname: nil), position: .first)
    }.get()
    return try await outcome.get()
  }

  /// Listens while `body` runs, and says nothing after the handshake; without a configuration not even that.
  static func listen(_ configuration: TLSConfiguration?, _ body: (SocketEndpoint) async throws -> Void) async throws {
    let context = try configuration.map { try NIOSSLContext(configuration: $0) }
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          guard let context else { return }
          try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    defer { listener.close(promise: nil) }
    try await body(.host("127.0.0.1", port: listener.localAddress?.port ?? 0))
  }

  private final class Witness: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let outcome: EventLoopPromise<Outcome>
    private var certificate: [UInt8]?
    private var version: TLSVersion?

    init(outcome: EventLoopPromise<Outcome>) {
      self.outcome = outcome
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if case .handshakeCompleted? = event as? TLSUserEvent {
        let pipeline = context.pipeline.syncOperations
        self.certificate = try? pipeline.nioSSL_peerCertificate()?.toDERBytes()
        self.version = try? pipeline.nioSSL_tlsVersion()
      }
      context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      self.outcome.succeed(Outcome(isAccepted: true, certificate: self.certificate, version: self.version))
    }

    func channelInactive(context: ChannelHandlerContext) {
      self.outcome.succeed(Outcome(isAccepted: false, certificate: self.certificate, version: self.version))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
}
