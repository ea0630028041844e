import Hummingbird
import ServiceKit

/// A cookie of the dashboard: no script can read it, and it is kept to the dashboard of one origin.
struct BrowserCookie: Sendable {
  /// Which requests from other sites' pages a browser sends it with.
  enum SameSite: String {
    /// Those that follow a link.
    case lax = "Lax"
    /// None.
    case strict = "Strict"
  }

  /// Its name.
  ///
  /// Browsers send a cookie to every port of a host (RFC 6265, section 8.5), so that the name tells two gateways of one
  /// host apart. Over HTTPS its prefix keeps other hosts and plain HTTP from setting it (RFC 6265bis, section 4.1.3.2).
  let name: String
  private let sameSite: SameSite
  private let isSecure: Bool

  /// Creates the cookie that an origin calls `temporis_` and this.
  init(_ name: String, origin: Origin, sameSite: SameSite) {
    isSecure = origin.isSecure
    self.name = (isSecure ? "__Host-" : "") + "temporis_\(name)" + (origin.port.map { "_\($0)" } ?? "")
    self.sameSite = sameSite
  }

  /// What a request's cookies of this name hold.
  func values(in headers: HTTPFields) -> [String] {
    headers[values: .cookie].flatMap { $0.split(separator: ";") }.compactMap { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0].filter({ $0 != " " }) == name else { return nil }
      return parts[1].filter { $0 != " " }
    }
  }

  /// The header that gives a browser the cookie.
  /// - Parameter lifetime: How long the browser keeps it, in seconds.
  func setting(_ value: String, lifetime: Int64) -> String {
    // The prefix allows no other path than the root.
    "\(name)=\(value); Path=\(isSecure ? "/" : "/dashboard"); Max-Age=\(max(0, lifetime)); HttpOnly; "
      + "SameSite=\(sameSite.rawValue)" + (isSecure ? "; Secure" : "")
  }

  /// The header that takes the cookie away.
  var clearing: String { setting("", lifetime: 0) }
}
