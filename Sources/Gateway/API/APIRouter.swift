import GRPCNghttp2Transport
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
  private let memory: FairLimiter<String>
  private let memoryPatience: Duration
  private let decoding = ParsingQueue()
  private let home: String?
  private let faults: FaultLog

  /// Creates a router.
  /// - Parameters:
  ///   - home: The path that a browser which opens `/` is sent to. Nil: none.
  ///   - bodyPace: How fast a client has to send a body.
  ///   - bodyMemory: The most bytes of long bodies that are held at a time, from their first bytes until they are
  ///     answered. Who finds no room waits for its account's turn, and its connection is not read meanwhile.
  ///   - faults: The log of the causes of 5xx responses.
  package init(
    _ routes: [Route], home: String? = nil, bodyPace: BodyReader.Pace, bodyMemory: Int, faults: FaultLog
  ) {
    self.home = home
    self.faults = faults
    self.routes = Dictionary(grouping: routes, by: \.path)
    self.bodies = BodyReader(pace: bodyPace)
    memory = FairLimiter(
      "body_bytes", units: bodyMemory, allowance: .asMuchAsIsFree, queueLimit: 2_048, clientLimit: 256,
      refusal: APIError.tooManyRequests(retryAfter: .seconds(1)))
    memoryPatience = bodyPace.timeout / 4
  }

  package func respond(to request: Request, context: APIContext) async throws -> Response {
    let start = ContinuousClock.now
    var response: Response
    do {
      response = try await answer(request, context: context)
    } catch let error as BodyReader.ConnectionError {
      // Bytes that are no body, such as a chunk without a length: whoever sent them is still there.
      guard error.cause is HTTPParserError else {
        faults.noteLost(loggedPath(request), error)
        throw error.cause
      }
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
    guard let route = candidates.first(where: { $0.method == method }) else {
      return try await dismiss(request, with: unrouted(request, candidates), context: context)
    }
    // A body that has not been asked for, or that may become much more than it is, comes after the checks of the
    // headers.
    let comesFirst = request.headers.expectsContinue || request.headers.contains(.contentEncoding)
    let account: String?
    let coding: ContentCoding?
    do throws(APIError) {
      account = comesFirst ? try await route.admit(request.headers) : nil
      coding = try ContentCoding.read(request.headers)
    } catch {
      note(error, request)
      return try await dismiss(request, with: error.response, context: context)
    }
    return try await answer(request, by: route, coding: coding, account: account, context: context)
  }

  /// - Parameter account: The caller's, when that has been asked for already.
  private func answer(
    _ request: Request, by route: Route, coding: ContentCoding?, account: String?, context: APIContext
  ) async throws -> Response {
    var share: FairLimiter<String>.Share?
    defer { withExtendedLifetime(share) {} }
    let received = try await bodies.read(request, limit: route.bodyLimit, context: context) {
      length throws(APIError) in
      let account = if let account { account } else { try await route.admit(request.headers) }
      share = try await hold(coding?.memory(of: length, limit: route.bodyLimit) ?? length, for: account)
    }
    var body = Result<[UInt8], APIError>.failure(.bodyTooLarge)
    if let bytes = received.bytes {
      body = .success(bytes)
      if let coding {
        if share == nil {
          share = try await hold(coding.memory(of: bytes.count, limit: route.bodyLimit), for: account ?? "")
        }
        body = try await decode(bytes, coding, limit: route.bodyLimit, context: context)
      }
    }
    let response: Response
    do {
      response = try await route.respond(APIRequest(headers: request.headers, body: body, context: context))
    } catch let error as APIError {
      note(error, request)
      response = error.response
    }
    return received.isEndless ? response.closingConnection(of: context) : response
  }

  /// Waits for room for a body.
  /// - Throws: 429 when there is none in time.
  private func hold(_ length: Int, for account: String) async throws(APIError) -> FairLimiter<String>.Share {
    do {
      return try await CallDeadline.within(memoryPatience) {
        try await memory.share(of: length, for: account, cost: Double(max(1, length)))
      }
    } catch {
      throw error as? APIError ?? .tooManyRequests(retryAfter: .seconds(1))
    }
  }

  private func decode(
    _ bytes: [UInt8], _ coding: ContentCoding, limit: Int, context: APIContext
  ) async throws -> Result<[UInt8], APIError> {
    let sender = try await context.channel.clientPresence()
    do {
      let body = try await decoding.run(for: sender) { () throws(APIError) in try coding.decode(bytes, limit: limit) }
      return .success(body)
    } catch let error as APIError {
      return .failure(error)
    }
  }

  /// Answers a request whose body is of no use. The body is read and dropped, since clients that write all of it before
  /// they read see the response only so; a client that waits to be told to send it is not told.
  private func dismiss(_ request: Request, with response: Response, context: APIContext) async throws -> Response {
    if request.headers.expectsContinue { return response.closingConnection(of: context) }
    let body = try await bodies.read(request, limit: 0, context: context)
    return body.isEndless ? response.closingConnection(of: context) : response
  }

  /// The response to a path or method that has no route.
  private func unrouted(_ request: Request, _ candidates: [Route]) -> Response {
    guard candidates.isEmpty else {
      let methods = candidates.map(\.method)
      return APIError.methodNotAllowed(allow: methods.contains(.get) ? methods + [.head] : methods).response
    }
    var response = APIError.notFound.response
    if let home, request.uri.path == "/", request.method == .get || request.method == .head {
      if AcceptHeader(request.headers).prefersHTML {
        response = Response(status: .seeOther, headers: [.location: home])
      }
      response.headers[.vary] = "Accept"
    }
    return response
  }

  private func note(_ error: APIError, _ request: Request) {
    guard error.status.code >= 500, let cause = error.cause else { return }
    let path = loggedPath(request)
    faults.note("A request failed", kind: path, cause, metadata: ["path": "\(path)", "status": "\(error.status.code)"])
  }

  /// The path as it may be logged: `other` unless it is a known one.
  private func loggedPath(_ request: Request) -> String {
    routes[request.uri.path] == nil ? AccessLog.other : request.uri.path
  }

  /// Writes the access log: nothing of headers, queries and bodies.
  private func log(_ request: Request, _ response: Response, duration: Duration, logger: Logger) {
    AccessLog.write(
      method: request.method, path: loggedPath(request), status: response.status, duration: duration, to: logger)
  }
}
