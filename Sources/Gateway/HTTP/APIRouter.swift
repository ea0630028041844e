package import Hummingbird
import Logging
import NIOCore

/// Finds a request's route by its exact path, reads its body, and answers everything that has no route.
package struct APIRouter: HTTPResponder {
  package typealias Context = APIContext

  private let routes: [String: [Route]]
  private let bodies: BodyReader

  /// Creates a router that gives clients `bodyTimeout` to send a body.
  package init(_ routes: [Route], bodyTimeout: Duration) {
    self.routes = Dictionary(grouping: routes, by: \.path)
    self.bodies = BodyReader(timeout: bodyTimeout)
  }

  package func respond(to request: Request, context: APIContext) async throws -> Response {
    let start = ContinuousClock.now
    var response: Response
    do {
      response = try await answer(request, context: context)
    } catch let error as BodyReader.ConnectionError {
      throw error.cause
    } catch let error as APIError {
      response = error.response
    } catch {
      context.logger.error("Unexpected error", metadata: ["type": "\(type(of: error))"])
      response = APIError(.internalServerError, "Internal Server Error").response
    }
    // RFC 9110, section 9.3.2: the head that a GET would have, and no body.
    if request.method == .head { response = response.createHeadResponse() }
    log(request, response, duration: .now - start, logger: context.logger)
    return response
  }

  private func answer(_ request: Request, context: APIContext) async throws -> Response {
    let candidates = routes[request.uri.path] ?? []
    // HEAD is answered wherever GET is.
    let method = request.method == .head ? HTTPRequest.Method.get : request.method
    let route = candidates.first { $0.method == method }
    let body = try await bodies.read(request, limit: route?.bodyLimit ?? 0, context: context)
    let response: Response
    do {
      guard let route else { throw refusal(candidates) }
      response = try await route.respond(APIRequest(headers: request.headers, body: body.bytes, context: context))
    } catch let error as APIError {
      response = error.response
    }
    return body.isEndless ? response.closingConnection(of: context) : response
  }

  private func refusal(_ candidates: [Route]) -> APIError {
    guard !candidates.isEmpty else { return .notFound }
    let methods = candidates.map(\.method)
    return .methodNotAllowed(allow: methods.contains(.get) ? methods + [.head] : methods)
  }

  /// Writes the access log: of the path only that it is a known one, nothing of headers, queries and bodies.
  private func log(_ request: Request, _ response: Response, duration: Duration, logger: Logger) {
    let method = request.method.rawValue
    logger.info(
      "Request",
      metadata: [
        "method": "\(Self.loggedMethods.contains(request.method) ? method : "other")",
        "path": "\(routes[request.uri.path] == nil ? "other" : request.uri.path)",
        "status": "\(response.status.code)",
        "milliseconds":
          "\(duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000)",
      ])
  }

  private static let loggedMethods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]
}

extension BodyReader.Body {
  /// The body. Nil: it was too long.
  fileprivate var bytes: [UInt8]? {
    if case .complete(let bytes) = self { bytes } else { nil }
  }

  fileprivate var isEndless: Bool {
    if case .endless = self { true } else { false }
  }
}

extension Response {
  /// The same answer, and soon after it the end of the connection, of whose body more is coming than anybody reads.
  fileprivate func closingConnection(of context: APIContext) -> Response {
    let body = self.body
    var headers = self.headers
    // HTTP/2 knows no such header; there, the stream is reset.
    if !context.isHTTP2 { headers[.connection] = "close" }
    return Response(
      status: status, headers: headers,
      body: ResponseBody(contentLength: body.contentLength) { writer in
        try await body.write(writer)
        // Closing on a client that is still sending resets the connection, which may undo what was just written.
        context.channel.eventLoop.scheduleTask(in: .seconds(1)) { context.abort() }
      })
  }
}
