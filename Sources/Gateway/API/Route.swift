package import Hummingbird
import NIOCore

/// A request to a route whose path and method are right, its body read.
package struct APIRequest: Sendable {
  /// The headers.
  package let headers: HTTPFields
  /// The body, decoded; or the 413 or 400 that says why there is none.
  package var body: Result<[UInt8], APIError>
  /// The connection or stream that it came on.
  let context: APIContext
}

/// A method of a path, and what answers it.
package struct Route: Sendable {
  let method: HTTPRequest.Method
  let path: String
  /// The longest body that is read, in bytes.
  let bodyLimit: Int
  let admit: @Sendable (HTTPFields) async throws(APIError) -> String
  let respond: @Sendable (APIRequest) async throws -> Response

  /// Creates a route. An ``APIError`` that `respond` throws is the response; any other error is a 500.
  /// - Parameters:
  ///   - path: The whole path, as the request must write it.
  ///   - bodyLimit: The longest body that is read, in bytes.
  ///   - admit: Refuses a request by its headers alone, before a long body is kept; or returns whose share of the
  ///     memory for these it takes.
  package init(
    _ method: HTTPRequest.Method, _ path: String, bodyLimit: Int = 0,
    admit: @escaping @Sendable (HTTPFields) async throws(APIError) -> String = { _ in "" },
    respond: @escaping @Sendable (APIRequest) async throws -> Response
  ) {
    self.method = method
    self.path = path
    self.bodyLimit = bodyLimit
    self.admit = admit
    self.respond = respond
  }
}

extension Route {
  /// `GET /healthz`: the process serves. It does not depend on the services behind it, whose faults a restart of the
  /// gateway would not mend.
  static let health = Route(.get, "/healthz") { _ in
    Response(
      status: .ok, headers: [.contentType: "application/json"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: #"{"status": "ok"}"#)))
  }
}
