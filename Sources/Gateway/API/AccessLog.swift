import Hummingbird
import Logging
import Metrics

/// One line a request, a count and a time, of nothing that a client chose freely.
enum AccessLog {
  /// Writes a line, counts and times.
  /// - Parameter path: A path, or a path's template, that is known to be ours; `other` for what is not.
  static func write(
    method: HTTPRequest.Method, path: String, status: HTTPResponse.Status, duration: Duration, to logger: Logger
  ) {
    let method = knownMethods.contains(method) ? method.rawValue : "other"
    let dimensions = [("method", method), ("path", path)]
    Counter(label: "http_server_requests_total", dimensions: dimensions + [("status", "\(status.code)")]).increment()
    Timer(label: "http_server_request_seconds", dimensions: dimensions).record(duration: duration)
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

  private static let knownMethods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]
}
