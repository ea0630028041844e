import HTTPTypes
package import Hummingbird
import ServiceKit

/// Everything that the public server answers: the dashboard under its path, and the API everywhere else.
///
/// Each request has an id, its own `X-Request-Id` or a new one, which the response tells, and so do the log lines that
/// are written for it in every process.
package struct PublicResponder: HTTPResponder {
  package typealias Context = APIContext

  let api: APIRouter
  /// Nil: there is no dashboard.
  let dashboard: Dashboard?
  let refusals: RefusalPace

  package func respond(to request: Request, context: APIContext) async throws -> Response {
    let id = request.headers[.requestID].flatMap { RequestID.read($0) } ?? RequestID.make()
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
    let response = try await api.respond(to: request, context: context)
    if response.status == .unauthorized { try await refusals.wait() }
    return response
  }
}

extension HTTPField.Name {
  fileprivate static let requestID = HTTPField.Name(canonical: "X-Request-Id")
}
