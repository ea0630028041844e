import GRPCCore
import ServiceKit

/// A refusal as the public API words it.
struct HTTPRefusal: Sendable {
  /// The HTTP status.
  let status: Int32
  /// The gRPC status that goes with it.
  let code: Status.Code
  /// The text of the body's `detail`, which holds nothing that JSON would write otherwise.
  let detail: String
  /// Header fields besides `content-type`.
  private let fields: [(name: String, value: String)]

  private init(_ status: Int32, _ reason: ServiceError.Reason, _ fields: [(name: String, value: String)]) {
    self.status = status
    self.fields = fields
    code = Status.Code(reason.code)
    detail = reason.defaultMessage
  }

  /// The body.
  var body: String { #"{"detail": "\#(detail)"}"# }

  /// The header fields.
  var headers: [(name: String, value: String)] { [("content-type", "application/json")] + fields }
}

extension HTTPRefusal {
  /// No header, or one that cannot hold a token. RFC 6750, section 3.1: no error code without a credential.
  static let missingAccessToken = HTTPRefusal(401, .accessTokenMissing, [challenge()])
  /// A token that does not work, whatever the reason.
  static let invalidAccessToken = HTTPRefusal(401, .accessTokenInvalid, [challenge("invalid_token")])
  /// A token that works, for other things.
  static let permissionDenied = HTTPRefusal(403, .permissionDenied, [challenge("insufficient_scope")])

  /// Too many requests; `retry-after` is in whole seconds, at least 1.
  static func tooManyRequests(retryAfter: Duration?) -> HTTPRefusal {
    let wait = retryAfter ?? .seconds(1)
    let seconds = max(1, wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0))
    return HTTPRefusal(429, .rateLimited, [("retry-after", "\(seconds)")])
  }

  private static func challenge(_ error: String? = nil) -> (name: String, value: String) {
    ("www-authenticate", #"Bearer realm="temporis""# + (error.map { #", error="\#($0)""# } ?? ""))
  }
}
