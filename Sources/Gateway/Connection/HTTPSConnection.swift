import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOCore
import NIOHTTP2
import NIOSSL
import NIOTLS
import ServiceKit

/// A connection that speaks HTTPS: HTTP/2 or HTTP/1.1 as the client chooses.
struct HTTPSConnection: ServerChildChannel {
  /// The protocol that the client has chosen.
  enum Negotiated: Sendable {
    case http1(HTTP1Connection.Value)
    case http2(HTTP2Channel.Value)
  }

  struct Value: ServerChildChannelValue {
    let channel: any Channel
    let negotiated: EventLoopFuture<Negotiated>
  }

  private let tls: NIOSSLContext
  private let handshakeTimeout: Duration
  private let http1: HTTP1Connection
  private let http2: HTTP2Channel
  private let faults: FaultLog

  /// Creates a connection that shows `identity`.
  /// - Throws: When the certificate cannot be used.
  init(
    identity: TLSIdentity, responder: @escaping HTTPChannelHandler.Responder, limits: ServerLimits, faults: FaultLog
  ) throws {
    self.faults = faults
    var configuration = identity.configuration
    configuration.applicationProtocols = ["h2", "http/1.1"]
    tls = try NIOSSLContext(configuration: configuration)
    handshakeTimeout = limits.handshakeTimeout
    http1 = HTTP1Connection(responder: responder, limits: limits)
    let streams = HTTP1Channel.Configuration(
      additionalChannelHandlers: [ConnectionHandler(stallTimeout: limits.stallTimeout)],
      idleTimeout: TimeAmount(limits.idleTimeout))
    http2 = HTTP2Channel(
      responder: responder,
      configuration: HTTP2ChannelConfiguration(
        idleTimeout: limits.idleTimeout, gracefulCloseTimeout: .seconds(20), streamConfiguration: streams))
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      let negotiation = NIOTypedApplicationProtocolNegotiationHandler<Negotiated> { result, channel in
        if case .negotiated("h2") = result {
          return http2.setup(channel: channel, logger: logger).flatMapThrowing { value in
            // Behind it the HTTP library's own handler ends the connection without a word.
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(
              ProtocolFaultHandler(faults: faults), position: .after(pipeline.handler(type: NIOHTTP2Handler.self)))
            return .http2(value)
          }
        }
        return http1.setup(channel: channel, logger: logger).map { .http1($0) }
      }
      let handlers: [any ChannelHandler] = [
        NIOSSLServerHandler(context: tls), ProtocolFaultHandler(faults: faults),
        HandshakeTimeoutHandler(timeout: handshakeTimeout), negotiation,
      ]
      try channel.pipeline.syncOperations.addHandlers(handlers)
      return Value(channel: channel, negotiated: negotiation.protocolNegotiationResult)
    }
  }

  func handle(value: Value, logger: Logger) async {
    do {
      switch try await value.negotiated.get() {
      case .http1(let connection): await http1.handle(value: connection, logger: logger)
      case .http2(let connection): await http2.handle(value: connection, logger: logger)
      }
    } catch {
      logger.debug("A TLS handshake failed", metadata: ["error": "\(error)"])
    }
  }
}
