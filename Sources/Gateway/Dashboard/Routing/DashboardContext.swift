import Hummingbird

/// What comes with a dashboard request besides its head and body.
struct DashboardContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The connection, as the rest of the gateway knows it.
  let connection: APIContext
  /// The request's own method: the router is asked for GET whatever it is, so that a path knows its wrong methods.
  var method = HTTPRequest.Method.get

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    connection = APIContext(source: source)
  }

  /// The path's template, which may be logged where the path may not.
  var route: String { endpointPath ?? "other" }
}
