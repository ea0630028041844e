package import Hummingbird

/// A request to a route whose path and method are right, its body read.
package struct APIRequest: Sendable {
  /// The headers.
  package let headers: HTTPFields
  /// The body. Nil: it was longer than the route takes.
  package let body: [UInt8]?
  /// Where it came from.
  let context: APIContext
}
