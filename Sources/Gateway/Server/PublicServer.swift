package import GRPCNghttp2Transport
package import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
package import Logging
import NIOCore
import NIOSSL
import ServiceKit

/// The HTTP server of the public API and the dashboard: HTTP/1.1, or with a TLS identity HTTPS with HTTP/2 and HTTP/1.1.
package enum PublicServer {
  /// Creates the server.
  /// - Parameters:
  ///   - routes: The public API.
  ///   - dashboard: The pages under `/dashboard`. Nil: none.
  ///   - address: Where it listens.
  ///   - identity: What it shows to TLS clients. Nil: plain HTTP/1.1.
  package static func application(
    routes: [Route], dashboard: Dashboard? = nil, address: BindAddress, limits: ServerLimits = ServerLimits(),
    identity: TLSIdentity? = nil, logger: Logger
  ) -> Application<PublicResponder> {
    let configuration = ApplicationConfiguration(
      address: address, availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: logger))
    return Application(
      responder: PublicResponder(
        api: APIRouter(
          routes, bodyTimeout: limits.bodyTimeout, bodyMemory: limits.bodyMemory, faults: FaultLog(logger: logger)),
        dashboard: dashboard, refusals: RefusalPace(rate: limits.refusalsPerSecond)),
      server: builder(limits: limits, identity: identity, logger: logger),
      configuration: configuration, logger: logger)
  }

  private static func builder(limits: ServerLimits, identity: TLSIdentity?, logger: Logger) -> HTTPServerBuilder {
    let streams = StreamLimiter(limit: limits.streams)
    let stallTimeout = limits.stallTimeout
    let http1 = HTTP1Channel.Configuration(
      additionalChannelHandlers: [ConnectionHandler(stallTimeout: stallTimeout)],
      idleTimeout: TimeAmount(limits.idleTimeout),
      httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
        maxHeaderFieldSize: limits.headerSize, maxHeaderListSize: limits.headerSize,
        maxHeaderFieldCount: limits.headerCount))
    return HTTPServerBuilder { responder in
      let responder = limiting(continuing(responder), streams, logger)
      guard let identity else { return HTTP1Channel(responder: responder, configuration: http1) }
      let https = try HTTP2UpgradeChannel(
        tlsConfiguration: identity.configuration,
        configuration: HTTP2ChannelConfiguration(
          idleTimeout: limits.idleTimeout, gracefulCloseTimeout: .seconds(20), streamConfiguration: http1),
        responder: responder)
      return HTTPSChannel(base: https, handshakeTimeout: limits.handshakeTimeout)
    }
  }

  /// Refuses HTTP/2 streams beyond a limit.
  private static func limiting(
    _ responder: @escaping HTTPChannelHandler.Responder, _ streams: StreamLimiter, _ logger: Logger
  ) -> HTTPChannelHandler.Responder {
    { request, writer, channel in
      let context = APIContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
      guard context.isHTTP2, let connection = channel.parent, !streams.admit(channel, of: connection) else {
        return try await responder(request, writer, channel)
      }
      let refusal = APIError.tooManyRequests(retryAfter: .seconds(1)).response
      try await writer.write(response: refusal.head, body: refusal.body)
      // What comes of its body is of no use.
      context.abort()
    }
  }

  /// Tells clients that wait for it to send their body (RFC 9110, section 10.1.1), which the HTTP library does not do.
  private static func continuing(_ responder: @escaping HTTPChannelHandler.Responder) -> HTTPChannelHandler.Responder {
    { request, writer, channel in
      if request.headers[.expect]?.lowercased() == "100-continue" {
        try await writer.writeInformationalHead(HTTPResponse(status: .continue))
      }
      try await responder(request, writer, channel)
    }
  }
}

extension BindAddress {
  /// The address of an endpoint.
  package init(_ endpoint: SocketEndpoint) {
    switch endpoint {
    case .host(let host, let port): self = .hostname(host, port: port)
    case .unixSocket(let path): self = .unixDomainSocket(path: path)
    }
  }
}
