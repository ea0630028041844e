import Hummingbird
import Logging
import ServiceKit
import TemporisAPI

/// Answers everything that is asked of one path.
struct PathResponder: HTTPResponder {
  typealias Context = DashboardContext

  let routes: [DashboardRoute]
  let core: DashboardCore

  func respond(to request: Request, context: DashboardContext) async throws -> Response {
    let limit = context.method == .post ? FormFields.limit : 0
    let body = try await core.bodies.read(request, limit: limit, context: context.connection)
    var viewer: Viewer?
    var page: DashboardResponse
    do {
      page = try await self.page(request, body: body, context: context, viewer: &viewer)
    } catch let error as PageError {
      page = .error(error)
    } catch {
      page = unforeseen(error, request, context)
    }
    // The answer to a form says itself what was done, HEAD shows nobody anything, and an error comes of something else.
    if context.method == .get, page.status == .ok, case .page = page.content {
      page.flash = NoticeCookie(origin: context.origin).notice(in: request.headers)
    }
    let response = core.responses.write(page, viewer: viewer, origin: context.origin)
    return body.isEndless ? response.closingConnection(of: context.connection) : response
  }

  private func page(
    _ request: Request, body: BodyReader.Body, context: DashboardContext, viewer: inout Viewer?
  ) async throws -> DashboardResponse {
    // HEAD is answered wherever GET is.
    let method = context.method == .head ? HTTPRequest.Method.get : context.method
    guard let route = routes.first(where: { $0.method == method }) else {
      throw PageError.methodNotAllowed(allow: routes.map(\.method))
    }
    let isPost = method == .post
    let origin = context.origin
    if isPost, !SameOrigin.allows(request.headers, origin: origin) {
      throw PageError.foreignForm(from: SameOrigin.sender(request.headers), to: origin)
    }
    let dashboardRequest = DashboardRequest(
      parameters: context.parameters, query: FormFields(query: request.uri.query),
      form: isPost ? try FormFields(body: body, headers: request.headers) : FormFields(), origin: origin,
      services: core.services(DashboardCaller(nil, from: context.clientAddress)))
    switch route.handler {
    case .open(let respond):
      return try await respond(dashboardRequest)
    case .member(let respond):
      guard let session = SessionCookie(origin: origin).session(in: request.headers) else {
        throw ServiceError(.accessTokenMissing)
      }
      let services = core.services(DashboardCaller(session, from: context.clientAddress))
      viewer = Viewer(email: try await services.account().email, formToken: session.formToken)
      if isPost, !session.accepts(formToken: dashboardRequest.form["csrf"]) { throw PageError.foreignForm }
      return try await respond(MemberRequest(request: dashboardRequest, session: session, services: services))
    }
  }

  /// Answers an error that no page has foreseen: a session that has ended, or a fault.
  private func unforeseen(
    _ error: any Error, _ request: Request, _ context: DashboardContext
  ) -> DashboardResponse {
    guard let refusal = ServiceError(anyOf: error), refusal.reason != .unavailable else {
      // Nobody waits for a page whose request was cancelled.
      if !Task.isCancelled {
        core.faults.note(
          "A page could not be answered", kind: context.route, error, metadata: ["page": "\(context.route)"])
      }
      return .error(.unavailable)
    }
    switch refusal.reason {
    case .accessTokenMissing, .accessTokenInvalid, .sessionRequired:
      if context.route == SignInPages.signOutPath { return .signedOut }
      let isGet = context.method == .get || context.method == .head
      return .signIn(returningTo: isGet ? request.uri.string : nil)
    case .rateLimited, .engineBusy: return .error(.tooManyRequests(retryAfter: refusal.retryAfter))
    default: return .error(PageError(refusal))
    }
  }
}
