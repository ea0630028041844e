package import GRPCNghttp2Transport
package import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
package import Logging
import NIOCore
import NIOSSL

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
        api: APIRouter(routes, bodyTimeout: limits.bodyTimeout, bodyMemory: limits.bodyMemory), dashboard: dashboard),
      server: builder(limits: limits, identity: identity),
      configuration: configuration, logger: logger)
  }

  private static func builder(limits: ServerLimits, identity: TLSIdentity?) -> HTTPServerBuilder {
    let stallTimeout = limits.stallTimeout
    let http1 = HTTP1Channel.Configuration(
      additionalChannelHandlers: [ConnectionHandler(stallTimeout: stallTimeout)],
      idleTimeout: TimeAmount(limits.idleTimeout),
      httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
        maxHeaderFieldSize: limits.headerSize, maxHeaderListSize: limits.headerSize,
        maxHeaderFieldCount: limits.headerCount))
    return HTTPServerBuilder { responder in
      let responder = continuing(responder)
      guard let identity else { return HTTP1Channel(responder: responder, configuration: http1) }
      let https = try HTTP2UpgradeChannel(
        tlsConfiguration: identity.configuration,
        configuration: HTTP2ChannelConfiguration(
          idleTimeout: limits.idleTimeout, gracefulCloseTimeout: .seconds(20), streamConfiguration: http1),
        responder: responder)
      return HTTPSChannel(base: https, handshakeTimeout: limits.handshakeTimeout)
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
