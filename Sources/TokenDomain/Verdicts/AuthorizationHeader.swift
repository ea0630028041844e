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
    var rest = Substring(value).utf8
    while let byte = rest.first, Self.isOptionalSpace(byte) { rest.removeFirst() }
    while let byte = rest.last, Self.isOptionalSpace(byte) { rest.removeLast() }

    let scheme = rest.prefix { $0 != UInt8(ascii: " ") }
    let token = rest.dropFirst(scheme.count).drop { $0 == UInt8(ascii: " ") }
    guard Self.isBearer(scheme), Self.isB64Token(token) else {
      self = .missing
      return
    }
    self = .bearer(String(Substring(token)))
  }

  private static func isOptionalSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  private static func isBearer(_ scheme: Substring.UTF8View) -> Bool {
    // A capital is 0x20 below its small letter in ASCII; Unicode's own case folding would let U+212A stand for a K.
    scheme.count == 6
      && zip(scheme, "bearer".utf8).allSatisfy { given, expected in
        given == expected || given == expected - 0x20
      }
  }

  /// `b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
  private static func isB64Token(_ token: Substring.UTF8View) -> Bool {
    let body = token.prefix { byte in
      Base62.isDigit(byte) || "-._~+/".utf8.contains(byte)
    }
    return !body.isEmpty && token.dropFirst(body.count).allSatisfy { $0 == UInt8(ascii: "=") }
  }
}
