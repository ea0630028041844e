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
    var text = String(text)
    return text.withUTF8 { self.decode($0) }
  }

  /// As above.
  static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard let digits = self.digitCount(text) else { return nil }
    return [UInt8](unsafeUninitializedCapacity: digits * 3 / 4) { output, count in
      var bits: UInt32 = 0
      var bitCount = 0
      for index in 0..<digits {
        bits = bits << 6 | UInt32(self.value(text[index]) ?? 0)
        bitCount += 6
        if bitCount >= 8 {
          bitCount -= 8
          output[count] = UInt8(truncatingIfNeeded: bits >> UInt32(bitCount))
          count += 1
        }
      }
    }
  }

  /// Lends each of a field's values in turn; they are joined by commas (PROTOCOL-HTTP2.md, Requests).
  static func forEachValue(of field: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    var start = 0
    while start <= field.count {
      body(self.value(of: field, at: &start))
    }
  }

  /// How many values a field has, or any number above `limit` when there are more; nil when one can't be decoded.
  ///
  /// It looks at each byte once and makes nothing of it: a client may send kilobytes of this with few.
  static func countValues(of field: UnsafeBufferPointer<UInt8>, upTo limit: Int = .max) -> Int? {
    var count = 0
    var start = 0
    while start <= field.count, count <= limit {
      guard self.digitCount(self.value(of: field, at: &start)) != nil else { return nil }
      count += 1
    }
    return count
  }

  /// The value that starts at `start`, without the spaces around it; moves `start` behind the comma after it.
  private static func value(
    of field: UnsafeBufferPointer<UInt8>, at start: inout Int
  ) -> UnsafeBufferPointer<UInt8> {
    var first = start
    var end = start
    while end < field.count, field[end] != UInt8(ascii: ",") { end += 1 }
    start = end + 1
    while first < end, self.isSpace(field[first]) { first += 1 }
    while first < end, self.isSpace(field[end - 1]) { end -= 1 }
    return UnsafeBufferPointer(rebasing: field[first..<end])
  }

  /// How many digits come before the padding; nil for what can't be decoded.
  private static func digitCount(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
    var digits = 0
    while digits < text.count, self.value(text[digits]) != nil { digits += 1 }
    let padding = text.count - digits
    guard digits % 4 != 1, padding == 0 || padding <= 2 && text.count.isMultiple(of: 4) else { return nil }
    return text[digits...].allSatisfy { $0 == UInt8(ascii: "=") } ? digits : nil
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
