package import Hummingbird
import TokenDomain

/// A request to a route whose path and method are right, its body read.
package struct APIRequest: Sendable {
  /// The headers.
  package let headers: HTTPFields
  /// The body. Nil: it was longer than the route takes.
  package let body: [UInt8]?
  /// Where it came from.
  let context: APIContext

  /// The value of the `Authorization` header, worth asking a service about.
  ///
  /// What cannot hold a token is refused here, by the grammar that the services use too. So is a dashboard session, which
  /// the services take but the public API does not.
  /// - Throws: ``APIError``, a 401.
  func authorization() throws(APIError) -> String {
    let value = headers[.authorization] ?? ""
    guard case .bearer(let token) = AuthorizationHeader(value) else { throw .missingAccessToken }
    guard !token.hasPrefix("tss_") else { throw .invalidAccessToken }
    return value
  }
}
