/// The IP addresses that begin with the same bits, as a CIDR writes them: `10.0.0.0/8` (RFC 4632, RFC 4291).
package struct IPNetwork: Sendable, Hashable {
  private let base: [UInt8]
  private let length: Int

  /// Reads a CIDR; an address alone is a network of one. `nil` for anything else, such as a base that has bits beyond
  /// the prefix: `10.0.0.1/8`.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let address = IPAddress(parts[0]) else { return nil }
    let width = address.bytes.count * 8
    var length = width
    if parts.count == 2 {
      // Back to the same text: no sign, no zero before it.
      guard let bits = Int(parts[1]), String(bits) == parts[1], 0...width ~= bits else { return nil }
      length = bits
    }
    guard Self.masked(address.bytes, to: length) == address.bytes else { return nil }
    (base, self.length) = (address.bytes, length)
  }

  /// Whether an address is in the network.
  package func contains(_ address: IPAddress) -> Bool {
    address.bytes.count == base.count && Self.masked(address.bytes, to: length) == base
  }

  private static func masked(_ bytes: [UInt8], to length: Int) -> [UInt8] {
    bytes.enumerated().map { index, byte in
      let kept = min(max(length - index * 8, 0), 8)
      return kept == 8 ? byte : byte & ~(0xFF >> kept)
    }
  }
}
