package import Hummingbird

/// A method of a path, and who answers it.
package struct Route: Sendable {
  let method: HTTPRequest.Method
  let path: String
  /// The longest body that is read, in bytes.
  let bodyLimit: Int
  let admit: @Sendable (HTTPFields) async -> APIError?
  let respond: @Sendable (APIRequest) async throws -> Response

  /// Creates a route. What `respond` throws is answered when it is an ``APIError``, and a 500 otherwise.
  /// - Parameters:
  ///   - path: The whole path, as the request must write it.
  ///   - bodyLimit: The longest body that is read; `respond` is told of a longer one.
  ///   - admit: Tells by the headers what the sender of a long body hears instead of an answer. Nil: it is let in, and its
  ///     body is kept.
  package init(
    _ method: HTTPRequest.Method, _ path: String, bodyLimit: Int = 0,
    admit: @escaping @Sendable (HTTPFields) async -> APIError? = { _ in nil },
    respond: @escaping @Sendable (APIRequest) async throws -> Response
  ) {
    self.method = method
    self.path = path
    self.bodyLimit = bodyLimit
    self.admit = admit
    self.respond = respond
  }
}
