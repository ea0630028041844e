import HTTPTypes
package import Hummingbird
import NIOCore

/// A refusal as the public API words it: a status, `{"detail": "..."}` and headers.
package struct APIError: Error {
  /// The HTTP status.
  package let status: HTTPResponse.Status
  /// The text of the body's `detail`.
  package let detail: String
  /// Headers besides `Content-Type`.
  package let headers: HTTPFields
  /// The fault behind it, for the log alone: it is neither sent nor compared.
  package let cause: (any Error)?

  /// Creates a refusal.
  package init(
    _ status: HTTPResponse.Status, _ detail: String, headers: HTTPFields = [:], cause: (any Error)? = nil
  ) {
    self.status = status
    self.detail = detail
    self.headers = headers
    self.cause = cause
  }

  /// The same refusal because of a fault.
  func caused(by cause: any Error) -> APIError {
    APIError(status, detail, headers: headers, cause: cause)
  }

  /// The body.
  var body: ByteBuffer {
    var body = JSONWriter()
    body.raw("{\"detail\": ")
    body.string(detail)
    body.raw("}")
    return body.buffer
  }

  /// The answer.
  package var response: Response {
    var fields = headers
    fields[.contentType] = "application/json"
    return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: body))
  }
}

extension APIError: Hashable {
  package static func == (one: Self, other: Self) -> Bool {
    one.status == other.status && one.detail == other.detail && one.headers == other.headers
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(status)
    hasher.combine(detail)
    hasher.combine(headers)
  }
}

extension APIError {
  static let badRequest = APIError(.badRequest, "Bad Request")
  static let targetTooLong = APIError(.uriTooLong, "URI Too Long")
  static let headerTooLarge = APIError(.requestHeaderFieldsTooLarge, "Request Header Fields Too Large")
  static let notFound = APIError(.notFound, "Not Found")
  static let invalidPredictionParameters = APIError(.badRequest, "Invalid prediction parameters.")
  static let bodyTooLarge = APIError(.contentTooLarge, "Request body too large.")
  static let dataSourceNotFound = APIError(.notFound, "Data source not found.")
  static let ingestFailed = APIError(.badGateway, "Ingest failed.")
  static let predictionFailed = APIError(.badGateway, "Prediction failed.")

  /// No header, or one that cannot hold a token. RFC 6750, section 3.1: no error code without a credential.
  static let missingAccessToken = APIError(
    .unauthorized, "Missing access token.", headers: [.wwwAuthenticate: #"Bearer realm="temporis""#])

  /// A token that does not work, whatever the reason.
  static let invalidAccessToken = APIError(
    .unauthorized, "Invalid access token.",
    headers: [.wwwAuthenticate: #"Bearer realm="temporis", error="invalid_token""#])

  /// A token that works, for other things.
  static let permissionDenied = APIError(
    .forbidden, "This access token lacks the required permission.",
    headers: [.wwwAuthenticate: #"Bearer realm="temporis", error="insufficient_scope""#])

  /// Another method than the path takes (RFC 9110, section 15.5.6).
  static func methodNotAllowed(allow methods: [HTTPRequest.Method]) -> APIError {
    APIError(
      .methodNotAllowed, "Method Not Allowed", headers: [.allow: methods.map(\.rawValue).joined(separator: ", ")])
  }

  /// Too many requests; `Retry-After` is in whole seconds, at least 1.
  static func tooManyRequests(retryAfter: Duration?) -> APIError {
    let wait = retryAfter ?? .seconds(1)
    let seconds = max(1, wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0))
    return APIError(.tooManyRequests, "Too many requests.", headers: [.retryAfter: String(seconds)])
  }
}

extension HTTPField.Name {
  /// The id of a request, which its response and its log lines hold.
  static let requestID = HTTPField.Name(canonical: "X-Request-Id")
}
