/// What an `Authorization` header value holds: a bearer token, or nothing that could be one.
///
/// The grammar is `credentials = "Bearer" 1*SP b64token` (RFC 6750, section 2.1), the scheme without regard to case
/// (RFC 9110, section 11.1), and nothing after the token. Spaces and tabs around the whole value are no part of a field
/// value (RFC 9110, section 5.5); HTTP/1.1 servers strip them and other transports may not, so they are ignored here.
package enum AuthorizationHeader: Sendable, Redacted {
  /// No header, another scheme, no token, two of them, or characters that no token can hold.
  case missing
  /// A token in b64token syntax. It may still have the wrong shape: see ``Secret/init(_:)``.
  case bearer(String)

  /// Reads a header's whole value; the empty string stands for no header.
  ///
  /// Several header fields reach it joined by `, ` (RFC 9110, section 5.3), and a comma is in no token.
  package init(_ value: String) {
    let bytes = value.utf8
    guard let token = Self.token(in: bytes.span) else {
      self = .missing
      return
    }
    self = .bearer(String(Substring(bytes.dropFirst(token.lowerBound).prefix(token.count))))
  }

  /// Where the token of a header's whole value is, without a copy of it. `nil` when there is none.
  package static func token(in value: Span<UInt8>) -> Range<Int>? {
    var (start, end) = (0, value.count)
    while start < end, isOptionalSpace(value[start]) { start += 1 }
    while start < end, isOptionalSpace(value[end - 1]) { end -= 1 }
    guard isBearer(value, at: start, before: end) else { return nil }
    start += 7
    while start < end, value[start] == UInt8(ascii: " ") { start += 1 }
    return isB64Token(value, in: start..<end) ? start..<end : nil
  }

  private static func isOptionalSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  /// Whether the scheme and a space stand at `start`, and something after them.
  private static func isBearer(_ value: Span<UInt8>, at start: Int, before end: Int) -> Bool {
    guard start + 7 < end else { return false }
    let word = value.bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self).littleEndian
    // A capital is 0x20 below its small letter in ASCII; Unicode's own case folding would let U+212A stand for a K.
    return (word | 0x2020_2020_2020) & 0xFF_FFFF_FFFF_FFFF == bearerAndSpace
  }

  /// `bearer ` as a word whose lowest byte is the first.
  private static let bearerAndSpace: UInt64 = 0x20_7265_7261_6562

  /// `b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
  private static func isB64Token(_ value: Span<UInt8>, in range: Range<Int>) -> Bool {
    guard !range.isEmpty else { return false }
    // What all our tokens consist of.
    if Base62.areDigits(value.extracting(range), or: UInt8(ascii: "_")) { return true }
    var index = range.lowerBound
    while index < range.upperBound, isTokenCharacter(value[index]) { index += 1 }
    guard index > range.lowerBound else { return false }
    while index < range.upperBound, value[index] == UInt8(ascii: "=") { index += 1 }
    return index == range.upperBound
  }

  private static func isTokenCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "+"),
      UInt8(ascii: "/"):
      true
    default:
      Base62.isDigit(byte)
    }
  }
}
