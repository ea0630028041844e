import HTTPTypes
import Logging
import Metrics
import ServiceKit

/// One line a request, a count and a time, of nothing that a client chose freely.
enum AccessLog {
  /// Writes a line, counts and times.
  /// - Parameter path: A path, or a path's template, that is known to be ours; `other` for what is not.
  static func write(
    method: HTTPRequest.Method, path: String, status: HTTPResponse.Status, duration: Duration, to logger: Logger
  ) {
    let method = logged(method)
    count(method, path, status)
    Timer(label: "http_server_request_seconds", dimensions: [("method", method), ("path", path)])
      .record(duration: duration)
    logger.info(
      "Request",
      metadata: [
        "method": "\(method)",
        "path": "\(path)",
        "status": "\(status.code)",
        "milliseconds":
          "\(duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000)",
      ])
  }

  /// Writes the line of a request that was refused before anybody looked for its path, and counts it.
  /// - Parameters:
  ///   - refusal: The answer. Its detail is written and must be nothing of the request.
  ///   - method: Nil: what came is no request.
  static func write(refusal: APIError, method: HTTPRequest.Method?, requestID: String, to logger: Logger) {
    let method = logged(method)
    count(method, other, refusal.status)
    RequestID.$current.withValue(requestID) {
      logger.info(
        "Request",
        metadata: [
          "method": "\(method)", "path": "\(other)", "status": "\(refusal.status.code)", "reason": "\(refusal.detail)",
        ])
    }
  }

  /// What is written in place of a method or path that is none of ours.
  static let other = "other"
  private static let knownMethods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]

  private static func logged(_ method: HTTPRequest.Method?) -> String {
    method.flatMap { knownMethods.contains($0) ? $0.rawValue : nil } ?? other
  }

  private static func count(_ method: String, _ path: String, _ status: HTTPResponse.Status) {
    Counter(
      label: "http_server_requests_total",
      dimensions: [("method", method), ("path", path), ("status", "\(status.code)")]
    ).increment()
  }
}
