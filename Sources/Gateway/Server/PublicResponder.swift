package import Hummingbird

/// Everything that the public server answers: the dashboard under its path, and the API everywhere else.
package struct PublicResponder: HTTPResponder {
  package typealias Context = APIContext

  let api: APIRouter
  /// Nil: there is no dashboard.
  let dashboard: Dashboard?

  package func respond(to request: Request, context: APIContext) async throws -> Response {
    if let dashboard, Dashboard.serves(request.uri.path) {
      return try await dashboard.respond(to: request, context: context)
    }
    return try await api.respond(to: request, context: context)
  }
}
