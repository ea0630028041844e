package import Hummingbird

/// A method of a path, and who answers it.
package struct Route: Sendable {
  let method: HTTPRequest.Method
  let path: String
  /// The longest body that is read, in bytes.
  let bodyLimit: Int
  let respond: @Sendable (APIRequest) async throws -> Response

  /// Creates a route. What `respond` throws is answered when it is an ``APIError``, and a 500 otherwise.
  /// - Parameters:
  ///   - path: The whole path, as the request must write it.
  ///   - bodyLimit: The longest body that is read; `respond` is told of a longer one.
  package init(
    _ method: HTTPRequest.Method, _ path: String, bodyLimit: Int = 0,
    respond: @escaping @Sendable (APIRequest) async throws -> Response
  ) {
    self.method = method
    self.path = path
    self.bodyLimit = bodyLimit
    self.respond = respond
  }
}
