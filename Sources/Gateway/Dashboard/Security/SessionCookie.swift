import Hummingbird
import ServiceKit

/// The cookie that holds the session's secret, which no other site can send with a form.
struct SessionCookie: Sendable {
  private let cookie: BrowserCookie

  /// Creates the cookie of an origin.
  init(origin: Origin) {
    cookie = BrowserCookie("session", origin: origin, sameSite: .lax)
  }

  /// The session of a request. `nil`: there is no cookie of ours, or nothing in it that could be a session.
  func session(in headers: HTTPFields) -> Session? {
    cookie.values(in: headers).lazy.compactMap { Session($0) }.first
  }

  /// The header that gives a browser the cookie.
  /// - Parameter lifetime: How long the browser keeps it, in seconds.
  func setting(_ session: Session, lifetime: Int64) -> String {
    cookie.setting(session.cookieValue, lifetime: lifetime)
  }

  /// The header that takes the cookie away.
  var clearing: String { cookie.clearing }
}
