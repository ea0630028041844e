/// The percent-encoding of `grpc-message` (PROTOCOL-HTTP2.md, Responses).
package enum PercentEncoding {
  /// Keeps printable ASCII except `%`; every other byte of the UTF-8 becomes `%XX`.
  ///
  /// So does a space at either end, where a field value must not have one (RFC 9113 section 8.2.1).
  package static func encode(_ text: String) -> String {
    let space = UInt8(ascii: " ")
    guard text.utf8.contains(where: { !isLiteral($0) }) || text.utf8.first == space || text.utf8.last == space else {
      return text
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count * 3)
    let last = text.utf8.count - 1
    for (index, byte) in text.utf8.enumerated() {
      if isLiteral(byte), byte != space || (index != 0 && index != last) {
        bytes.append(byte)
      } else {
        bytes.append(UInt8(ascii: "%"))
        bytes.append(hexDigit(byte >> 4))
        bytes.append(hexDigit(byte & 0xf))
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Undoes ``encode(_:)``; a `%` that two hexadecimal digits don't follow stands for itself, as the protocol asks.
  package static func decode(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
    let source = Array(text.utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(source.count)
    var index = 0
    while index < source.count {
      if source[index] == UInt8(ascii: "%"), index + 2 < source.count,
        let high = hexValue(source[index + 1]), let low = hexValue(source[index + 2])
      {
        bytes.append(high << 4 | low)
        index += 3
      } else {
        bytes.append(source[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func isLiteral(_ byte: UInt8) -> Bool {
    (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "%")
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }

  private static func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
