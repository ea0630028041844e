package import Hummingbird
package import ServiceKit

/// The cookie that holds the session's secret, which no script can read and no other site can send with a form.
package struct SessionCookie: Sendable {
  /// Its name.
  ///
  /// Browsers send a cookie to every port of a host (RFC 6265, section 8.5), so that the name tells two gateways of one
  /// host apart. Over HTTPS its prefix keeps other hosts and plain HTTP from setting it (RFC 6265bis, section 4.1.3.2).
  package let name: String
  private let isSecure: Bool

  /// Creates the cookie of an origin.
  package init(origin: Origin) {
    isSecure = origin.isSecure
    name = (isSecure ? "__Host-" : "") + "temporis_session" + (origin.port.map { "_\($0)" } ?? "")
  }

  /// The session of a request. `nil`: there is no cookie of ours, or nothing in it that could be a session.
  package func session(in headers: HTTPFields) -> Session? {
    for field in headers[values: .cookie] {
      for pair in field.split(separator: ";") {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].filter({ $0 != " " }) == name else { continue }
        if let session = Session(parts[1].filter { $0 != " " }) { return session }
      }
    }
    return nil
  }

  /// The header that gives a browser the cookie.
  /// - Parameter lifetime: How long the browser keeps it, in seconds.
  package func setting(_ session: Session, lifetime: Int64) -> String {
    header(session.cookieValue, lifetime: max(0, lifetime))
  }

  /// The header that takes the cookie away.
  package var clearing: String {
    header("", lifetime: 0)
  }

  private func header(_ value: String, lifetime: Int64) -> String {
    // The prefix allows no other path than the root.
    "\(name)=\(value); Path=\(isSecure ? "/" : "/dashboard"); Max-Age=\(lifetime); HttpOnly; SameSite=Lax"
      + (isSecure ? "; Secure" : "")
  }
}
