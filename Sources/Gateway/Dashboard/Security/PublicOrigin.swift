package import Hummingbird
package import ServiceKit

/// Where browsers find the gateway: `https://api.example.com`.
package struct PublicOrigin: Sendable {
  private let fixed: String?
  private let scheme: String

  /// Whether browsers reach us over TLS, ours or a proxy's.
  package var isSecure: Bool { scheme == "https" }

  /// Reads the setting `public-url`.
  /// - Parameters:
  ///   - url: The URL. Empty: every request names its own host.
  ///   - speaksTLS: Whether the gateway itself speaks TLS.
  /// - Throws: ``SettingError`` for a text that is no origin.
  package init(url: String, speaksTLS: Bool) throws(SettingError) {
    guard !url.isEmpty else {
      fixed = nil
      scheme = speaksTLS ? "https" : "http"
      return
    }
    guard let origin = Self.parse(url) else {
      throw SettingError("--public-url is '\(url)'; expected a URL without a path, such as https://api.example.com")
    }
    fixed = origin.text
    scheme = origin.scheme
  }

  /// The origin that a request was sent to.
  package func text(of request: Request) -> String {
    fixed ?? "\(scheme)://\((request.head.authority ?? "").lowercased())"
  }

  private static func parse(_ url: String) -> (text: String, scheme: String)? {
    let text = (url.hasSuffix("/") ? String(url.dropLast()) : url).lowercased()
    guard let scheme = ["https", "http"].first(where: { text.hasPrefix($0 + "://") }) else { return nil }
    var host = text.dropFirst(scheme.count + 3)
    // Browsers leave the scheme's own port out of an origin.
    let port = scheme == "https" ? ":443" : ":80"
    if host.hasSuffix(port) { host = host.dropLast(port.count) }
    let isHost = host.utf8.allSatisfy { byte in
      Unicode.Scalar(byte).properties.isAlphabetic || (0x30...0x39).contains(byte) || ".-:[]".utf8.contains(byte)
    }
    return isHost && !host.isEmpty ? ("\(scheme)://\(host)", scheme) : nil
  }
}
