package import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
package import ServiceKit

/// Finds a request's route by its exact path, reads its body, and answers everything that has no route.
package struct APIRouter: HTTPResponder {
  package typealias Context = APIContext

  private let routes: [String: [Route]]
  private let bodies: BodyReader
  private let memory: BodyMemory
  private let faults: FaultLog

  /// Creates a router that gives clients `bodyTimeout` to send a body, and holds `bodyMemory` bytes of long ones. Why it
  /// answers 5xx it writes to `faults`.
  package init(_ routes: [Route], bodyTimeout: Duration, bodyMemory: Int, faults: FaultLog) {
    self.faults = faults
    self.routes = Dictionary(grouping: routes, by: \.path)
    self.bodies = BodyReader(timeout: bodyTimeout)
    self.memory = BodyMemory(total: bodyMemory)
  }

  package func respond(to request: Request, context: APIContext) async throws -> Response {
    let start = ContinuousClock.now
    var response: Response
    do {
      response = try await answer(request, context: context)
    } catch let error as BodyReader.ConnectionError {
      // Bytes that are no body, such as a chunk without a length: whoever sent them is still there.
      guard error.cause is HTTPParserError else { throw error.cause }
      response = APIError.badRequest.response.closingConnection(of: context)
    } catch let error as APIError {
      note(error, request)
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
    var held = 0
    defer { memory.giveBack(held) }
    let body = try await bodies.read(request, limit: route?.bodyLimit ?? 0, context: context) {
      length throws(APIError) in
      if let refusal = await route?.admit(request.headers) { throw refusal }
      held = await memory.take(length)
    }
    let response: Response
    do {
      guard let route else { throw refusal(candidates) }
      response = try await route.respond(APIRequest(headers: request.headers, body: body.bytes, context: context))
    } catch let error as APIError {
      note(error, request)
      response = error.response
    }
    return body.isEndless ? response.closingConnection(of: context) : response
  }

  private func refusal(_ candidates: [Route]) -> APIError {
    guard !candidates.isEmpty else { return .notFound }
    let methods = candidates.map(\.method)
    return .methodNotAllowed(allow: methods.contains(.get) ? methods + [.head] : methods)
  }

  private func note(_ error: APIError, _ request: Request) {
    guard error.status.code >= 500, let cause = error.cause else { return }
    let path = loggedPath(request)
    faults.note("A request failed", kind: path, cause, metadata: ["path": "\(path)", "status": "\(error.status.code)"])
  }

  /// What may be logged of a path: only that it is a known one.
  private func loggedPath(_ request: Request) -> String {
    routes[request.uri.path] == nil ? "other" : request.uri.path
  }

  /// Writes the access log: nothing of headers, queries and bodies.
  private func log(_ request: Request, _ response: Response, duration: Duration, logger: Logger) {
    AccessLog.write(
      method: request.method, path: loggedPath(request), status: response.status, duration: duration, to: logger)
  }
}
