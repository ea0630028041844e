package import GRPCNghttp2Transport
import HTTPTypes
package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import ServiceKit
import ServiceLifecycle

/// The HTTP server of the public API and the dashboard: HTTP/1.1, or with a TLS identity HTTPS with HTTP/2 and
/// HTTP/1.1.
package enum PublicServer {
  /// Creates the server.
  /// - Parameters:
  ///   - routes: The public API.
  ///   - dashboard: The pages under `/dashboard`. Nil: none.
  ///   - origin: Where clients find it, and which proxies may say who a client is.
  ///   - address: The address that it listens on.
  ///   - identity: The certificate that TLS clients are shown. Nil: plain HTTP/1.1.
  package static func application(
    routes: [Route], dashboard: Dashboard? = nil, origin: PublicOrigin = PublicOrigin(nil, speaksTLS: false),
    address: BindAddress, limits: ServerLimits = ServerLimits(), identity: TLSIdentity? = nil, logger: Logger
  ) -> Application<PublicResponder> {
    let faults = FaultLog(logger: logger)
    let configuration = ApplicationConfiguration(
      address: address, availableConnectionsDelegate: ConnectionLimit(limits.connections, faults: faults))
    let api = APIRouter(
      routes, home: dashboard == nil ? nil : "/dashboard", bodyPace: limits.bodyPace,
      bodyMemory: limits.bodyMemory, faults: faults)
    return Application(
      responder: PublicResponder(
        api: api, dashboard: dashboard, origin: origin, refusals: RefusalPace(rate: limits.refusalsPerSecond)),
      server: builder(limits: limits, identity: identity, faults: faults, logger: logger),
      configuration: configuration, logger: logger)
  }

  private static func builder(
    limits: ServerLimits, identity: TLSIdentity?, faults: FaultLog, logger: Logger
  ) -> HTTPServerBuilder {
    let streams = StreamLimiter(limit: limits.streams)
    return HTTPServerBuilder { responder in
      let responder = limiting(responder, limits, streams, logger)
      guard let identity else { return HTTP1Connection(responder: responder, limits: limits) }
      return try HTTPSConnection(identity: identity, responder: responder, limits: limits, faults: faults)
    }
  }

  /// Refuses HTTP/2 streams beyond the limits; ``HTTP1Handler`` does it for HTTP/1.
  private static func limiting(
    _ responder: @escaping HTTPChannelHandler.Responder, _ limits: ServerLimits, _ streams: StreamLimiter,
    _ logger: Logger
  ) -> HTTPChannelHandler.Responder {
    { request, writer, channel in
      let context = APIContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
      let refusal: APIError
      if context.isHTTP2, let connection = channel.parent, !streams.admit(channel, of: connection) {
        refusal = .tooManyRequests(retryAfter: .seconds(1))
      } else if context.isHTTP2, request.uri.string.utf8.count > limits.targetSize {
        refusal = .targetTooLong
      } else {
        return try await responder(request, writer, channel)
      }
      let id = request.headers.requestID
      AccessLog.write(refusal: refusal, method: request.method, requestID: id, to: logger)
      let response = refusal.unroutedResponse(requestID: id)
      try await writer.write(response: response.head, body: response.body)
      // Its body is of no use.
      context.abort()
    }
  }
}

/// Answers everything that the public server is asked: the dashboard under its path, and the API everywhere else.
///
/// Each request has an id, its own `X-Request-Id` or a new one, which is returned on the response and stands in the log
/// lines that are written for it in every process.
package struct PublicResponder: HTTPResponder {
  package typealias Context = APIContext

  let api: APIRouter
  /// Nil: there is no dashboard.
  let dashboard: Dashboard?
  let origin: PublicOrigin
  let refusals: RefusalPace

  package func respond(to request: Request, context: APIContext) async throws -> Response {
    let id = request.headers.requestID
    return try await RequestID.$current.withValue(id) {
      var response = try await answer(request, context: context)
      response.headers[.requestID] = id
      return response
    }
  }

  private func answer(_ request: Request, context: APIContext) async throws -> Response {
    if let dashboard, Dashboard.serves(request.uri.path) {
      return try await dashboard.respond(to: request, context: context)
    }
    // Told to the services, which count what one client does.
    let peer = context.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
    let client = origin.clientAddress(of: request.head, from: peer).map { ClientAddress($0) }
    let response = try await ClientAddress.$current.withValue(client) {
      try await api.respond(to: request, context: context)
    }
    if response.status == .unauthorized { try await refusals.wait() }
    return response
  }
}

/// The public server as a part of the process's lifetime; says where it could not listen, and why.
struct ListeningServer: Service {
  /// The address cannot be listened on.
  struct ListeningError: Error, CustomStringConvertible {
    let description: String
  }

  let server: Application<PublicResponder>
  let endpoint: SocketEndpoint

  func run() async throws {
    do {
      try await server.run()
    } catch let error as IOError {
      throw ListeningError(description: "cannot listen on \(endpoint): \(error)")
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
