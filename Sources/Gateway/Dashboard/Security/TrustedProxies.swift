package import HTTPTypes
package import ServiceKit

/// The proxies in front of the gateway whose `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host` it believes.
/// Anybody else may send such fields too, and they are ignored.
package struct TrustedProxies: Sendable, Hashable {
  /// The most networks.
  private static let networkLimit = 64
  /// The longest `X-Forwarded-For` that is read, in bytes, and how many proxies a request may have passed.
  private static let (listLimit, hopLimit) = (2_048, 32)

  /// No proxy.
  package static let none = TrustedProxies(networks: [])

  private let networks: [IPNetwork]

  private init(networks: [IPNetwork]) {
    self.networks = networks
  }

  /// Reads the setting: up to 64 networks separated by commas; empty: none. `nil` when one of them is none.
  package init?(_ text: String) {
    let parts = text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false)
    let networks = parts.compactMap { IPNetwork($0) }
    guard networks.count == parts.count, networks.count <= Self.networkLimit else { return nil }
    self.networks = networks
  }

  /// Whether a host is one of the proxies.
  package func contains(_ address: IPAddress) -> Bool {
    networks.contains { $0.contains(address) }
  }

  /// The address of the client that a request comes from.
  ///
  /// Each proxy appends the address that it was asked from, so that the last entry which is no proxy's is the client.
  /// The entries before it are the client's own word, and worth nothing.
  /// - Parameter peer: The other end of the connection.
  package func clientAddress(_ headers: HTTPFields, from peer: IPAddress) -> IPAddress {
    guard contains(peer) else { return peer }
    let list = headers[values: .xForwardedFor].joined(separator: ",")
    guard list.utf8.count <= Self.listLimit else { return peer }
    var client = peer
    for entry in list.split(separator: ",").reversed().prefix(Self.hopLimit) {
      guard let address = IPAddress(entry.filter { $0 != " " && $0 != "\t" }) else { break }
      client = address
      if !contains(address) { break }
    }
    return client
  }

  /// The scheme and the host that the client asked a proxy for. `nil` where no trusted proxy says so, in one field.
  /// - Parameter peer: The other end of the connection.
  package func forwarded(_ headers: HTTPFields, by peer: IPAddress?) -> (scheme: String?, host: String?) {
    guard let peer, contains(peer) else { return (nil, nil) }
    func only(_ name: HTTPField.Name) -> String? {
      let values = headers[values: name]
      return values.count == 1 ? values[0].lowercased() : nil
    }
    return (only(.xForwardedProto).flatMap { ["http", "https"].contains($0) ? $0 : nil }, only(.xForwardedHost))
  }
}

extension HTTPField.Name {
  fileprivate static let xForwardedFor = Self(canonical: "X-Forwarded-For")
  fileprivate static let xForwardedProto = Self(canonical: "X-Forwarded-Proto")
  fileprivate static let xForwardedHost = Self(canonical: "X-Forwarded-Host")
}
