/// The current pepper and the retired ones, all of which match until each secret has been seen under the current one.
package struct PepperSet: Sendable, Redacted {
  /// How many peppers a set holds at most: each costs one HMAC a look-up.
  package static let limit = 8

  /// The pepper that new hashes are keyed with.
  package let current: Pepper
  /// Peppers that hashes of the database may still be keyed with.
  package let retired: [Pepper]

  /// Makes a set. `nil` when two peppers share a version or there are more than ``limit``.
  package init?(current: Pepper, retired: [Pepper] = []) {
    let versions = Set([current.version] + retired.map(\.version))
    guard versions.count == retired.count + 1, versions.count <= Self.limit else { return nil }
    self.current = current
    self.retired = retired
  }

  /// Reads `2:<64 hexadecimal digits>,1:<64 hexadecimal digits>`: version and key of each pepper, the current one
  /// first. Spaces and line ends around an entry are ignored. `nil` when anything else is in it.
  package init?(_ text: String) {
    var peppers: [Pepper] = []
    for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = Self.trimmed(entry).split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let version = Int32(parts[0]),
        let key = Self.bytes(hexadecimal: parts[1]), let pepper = Pepper(version: version, key: key)
      else { return nil }
      peppers.append(pepper)
    }
    guard let current = peppers.first else { return nil }
    self.init(current: current, retired: Array(peppers.dropFirst()))
  }

  /// The hashes that a secret may be stored as, the current pepper's first.
  package func keyedHashes(of hash: SecretHash) -> [KeyedHash] {
    [current.keyedHash(of: hash)] + retired.map { $0.keyedHash(of: hash) }
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  private static func bytes(hexadecimal text: Substring) -> [UInt8]? {
    let nibbles = text.utf8.compactMap { byte -> UInt8? in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
      default: nil
      }
    }
    guard nibbles.count == text.utf8.count, nibbles.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: nibbles.count, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
  }
}
