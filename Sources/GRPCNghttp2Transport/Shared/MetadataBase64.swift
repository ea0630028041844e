/// Base64 (RFC 4648 section 4) as `-bin` metadata uses it: sent without padding, read with or without.
package enum MetadataBase64 {
  package static func encode(_ bytes: [UInt8]) -> String {
    var output: [UInt8] = []
    output.reserveCapacity((bytes.count * 4 + 2) / 3)
    var bits: UInt32 = 0
    var bitCount = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      bitCount += 8
      while bitCount >= 6 {
        bitCount -= 6
        output.append(digit(UInt8(bits >> UInt32(bitCount) & 0x3f)))
      }
    }
    if bitCount > 0 {
      output.append(digit(UInt8(bits << UInt32(6 - bitCount) & 0x3f)))
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// Nil when a character isn't of the alphabet, or the length or the padding can't be.
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    self.decode(text.utf8)
  }

  /// The values of a field, which may be several joined by commas (PROTOCOL-HTTP2.md, Requests).
  static func values<Bytes: BidirectionalCollection<UInt8>>(_ field: Bytes) -> [Bytes.SubSequence] {
    field.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { value in
      let start = value.drop(while: self.isSpace)
      return start[..<(start.lastIndex { !self.isSpace($0) }.map(start.index(after:)) ?? start.startIndex)]
    }
  }

  /// Whether each of a field's values can be decoded.
  static func isValid(_ field: some BidirectionalCollection<UInt8>) -> Bool {
    self.values(field).allSatisfy { value in
      self.withoutPadding(value)?.allSatisfy { self.value($0) != nil } ?? false
    }
  }

  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    guard let digits = self.withoutPadding(text) else { return nil }
    var output: [UInt8] = []
    output.reserveCapacity(digits.count * 3 / 4)
    var bits: UInt32 = 0
    var bitCount = 0
    for digit in digits {
      guard let value = value(digit) else { return nil }
      bits = bits << 6 | UInt32(value)
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        output.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
      }
    }
    return output
  }

  private static func withoutPadding<Bytes: Collection<UInt8>>(_ text: Bytes) -> Bytes.SubSequence? {
    let count = text.count
    let digits = text.prefix { $0 != UInt8(ascii: "=") }
    let padding = count - digits.count
    guard digits.count % 4 != 1, padding == 0 || padding <= 2 && count.isMultiple(of: 4) else { return nil }
    return text.dropFirst(digits.count).allSatisfy { $0 == UInt8(ascii: "=") } ? digits : nil
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    switch value {
    case 0..<26: UInt8(ascii: "A") + value
    case 26..<52: UInt8(ascii: "a") + value - 26
    case 52..<62: UInt8(ascii: "0") + value - 52
    case 62: UInt8(ascii: "+")
    default: UInt8(ascii: "/")
    }
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
