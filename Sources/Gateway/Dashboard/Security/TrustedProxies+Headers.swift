package import HTTPTypes
package import ServiceKit

/// The `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host` of the proxies in front of the gateway. Anybody
/// else may send such fields too, and they are ignored.
extension TrustedProxies {
  /// The longest `X-Forwarded-For` that is read, in bytes, and how many proxies a request may have passed.
  private static let (listLimit, hopLimit) = (2_048, 32)

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
