/// An origin as browsers write it (RFC 6454, section 6.2): `https://api.example.com`.
package struct Origin: Sendable, Hashable, CustomStringConvertible {
  /// The origin of a request without a readable host. It equals no origin that a browser names.
  package static let unknown = Origin(scheme: "http", host: "", port: nil)

  /// `http` or `https`.
  private let scheme: String
  /// The host in lower case, without its port.
  private let host: String
  /// The port, unless it is the scheme's own.
  package let port: Int?

  private init(scheme: String, host: String, port: Int?) {
    (self.scheme, self.host, self.port) = (scheme, host, port)
  }

  /// Reads an origin. `nil` for anything else, such as a URL with a path.
  package init?(_ text: String) {
    let text = text.lowercased()
    guard let scheme = ["https", "http"].first(where: { text.hasPrefix($0 + "://") }) else { return nil }
    self.init(scheme: scheme, authority: String(text.dropFirst(scheme.count + 3)))
  }

  /// Takes a scheme and the host that a request names, with or without a port. `nil` when they are none.
  package init?(scheme: String, authority: String) {
    let ownPort = ["http": 80, "https": 443][scheme]
    var host = authority.lowercased()[...]
    var port: Int?
    // The last colon is a port's, unless an IPv6 address in brackets goes on behind it.
    if let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") {
      let digits = host[host.index(after: colon)...]
      guard let number = Int(digits), String(number) == digits, 1...65_535 ~= number else { return nil }
      port = number
      host = host[..<colon]
    }
    let isHost = host.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
      default: ".-_:[]".utf8.contains(byte)
      }
    }
    guard let ownPort, isHost, 1...255 ~= host.utf8.count else { return nil }
    self.init(scheme: scheme, host: String(host), port: port == ownPort ? nil : port)
  }

  /// Whether browsers reach it over TLS.
  package var isSecure: Bool { scheme == "https" }

  /// `https://api.example.com:8443`.
  package var description: String { "\(scheme)://\(host)" + (port.map { ":\($0)" } ?? "") }
}
