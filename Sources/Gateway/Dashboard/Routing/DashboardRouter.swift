import Hummingbird

/// Finds the responder of a dashboard path.
struct DashboardRouter: Sendable {
  private let responder: RouterResponder<DashboardContext>

  init(_ routes: [DashboardRoute], core: DashboardCore) {
    let router = Router(context: DashboardContext.self)
    router.add(middleware: NotFoundPage(core: core))
    for (path, routes) in Dictionary(grouping: routes, by: \.path) {
      router.on(RouterPath(path), method: .get, responder: PathResponder(routes: routes, core: core))
    }
    responder = router.buildResponder()
  }

  /// Answers a request.
  func respond(to request: Request, context: DashboardContext) async throws -> Response {
    var head = request.head
    head.method = .get
    return try await responder.respond(to: Request(head: head, body: request.body), context: context)
  }
}

/// Answers a path that is none of ours with a page.
private struct NotFoundPage: RouterMiddleware {
  let core: DashboardCore

  func handle(
    _ request: Request, context: DashboardContext, next: (Request, DashboardContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      let body = try await core.bodies.read(request, limit: 0, context: context.connection)
      let response = core.responses.write(.error(.notFound), viewer: nil, origin: context.origin)
      return body.isEndless ? response.closingConnection(of: context.connection) : response
    }
  }
}
