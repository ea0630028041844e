/// The proxies in front of a server of whom it believes where a request comes from.
package struct TrustedProxies: Sendable, Hashable {
  /// The most networks.
  private static let networkLimit = 64

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
}
