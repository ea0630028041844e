package import Hummingbird

/// The cookie that holds the session's secret, which no script can read and no other site can send with a form.
package enum SessionCookie {
  /// Its name.
  package static let name = "temporis_session"

  /// The session of a request. Nil: there is no cookie of ours, or nothing in it that could be a session.
  package static func session(in headers: HTTPFields) -> Session? {
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
  /// - Parameters:
  ///   - lifetime: How long the browser keeps it, in seconds.
  ///   - isSecure: Whether the browser may send it over HTTPS alone.
  package static func setting(_ session: Session, lifetime: Int64, isSecure: Bool) -> String {
    header(session.cookieValue, lifetime: max(0, lifetime), isSecure: isSecure)
  }

  /// The header that takes the cookie away.
  package static func clearing(isSecure: Bool) -> String {
    header("", lifetime: 0, isSecure: isSecure)
  }

  private static func header(_ value: String, lifetime: Int64, isSecure: Bool) -> String {
    "\(name)=\(value); Path=/dashboard; Max-Age=\(lifetime); HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "")
  }
}
