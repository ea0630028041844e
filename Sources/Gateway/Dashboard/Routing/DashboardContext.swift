import Hummingbird
import ServiceKit

/// The context of a dashboard request besides its head and body.
struct DashboardContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The connection, as the rest of the gateway knows it.
  let connection: APIContext
  /// The request's own method: the router is asked for GET whatever it is, so that a path knows its wrong methods.
  var method = HTTPRequest.Method.get
  /// The origin that the request was sent to, as the browser sees it.
  var origin = Origin.unknown
  /// The address of its client. `nil` when it came over no IP connection.
  var clientAddress: IPAddress?

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    connection = APIContext(source: source)
  }

  /// The path's template, which may be logged where the path may not.
  var route: String { endpointPath ?? "other" }
}
