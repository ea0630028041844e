package import HTTPTypes
package import ServiceKit

/// The origin at which browsers find the gateway.
package struct PublicOrigin: Sendable {
  private let fixed: Origin?
  private let scheme: String
  private let proxies: TrustedProxies

  /// Takes the settings `public-url` and `trusted-proxies`.
  /// - Parameters:
  ///   - fixed: The origin. `nil`: every request names its own host.
  ///   - speaksTLS: Whether the gateway itself speaks TLS.
  ///   - proxies: Who may say of a request what it was sent to.
  package init(_ fixed: Origin?, speaksTLS: Bool, trustedProxies proxies: TrustedProxies = .none) {
    self.fixed = fixed
    scheme = speaksTLS ? "https" : "http"
    self.proxies = proxies
  }

  /// The origin that a request was sent to.
  /// - Parameter peer: The other end of the connection, if it has an IP address.
  package func origin(of head: HTTPRequest, from peer: IPAddress?) -> Origin {
    if let fixed { return fixed }
    let forwarded = proxies.forwarded(head.headerFields, by: peer)
    let scheme = forwarded.scheme ?? scheme
    return forwarded.host.flatMap { Origin(scheme: scheme, authority: $0) }
      ?? Origin(scheme: scheme, authority: head.authority ?? "") ?? .unknown
  }

  /// The address of the client that a request comes from.
  /// - Parameter peer: The other end of the connection, if it has an IP address.
  package func clientAddress(of head: HTTPRequest, from peer: IPAddress?) -> IPAddress? {
    peer.map { proxies.clientAddress(head.headerFields, from: $0) }
  }
}
