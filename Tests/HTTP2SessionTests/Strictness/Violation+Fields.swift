import HTTP2Session
import HTTP2TestSupport

extension Violation {
  /// RFC 9113 sections 8.1 to 8.3: malformed requests, on stream 3 unless it is their trailers that are malformed.
  static let requests: [Violation] =
    fields(.server) + [
      request("8.3.1", "no :method", [(":method", "")]),
      request("8.3.1", "no :scheme", [(":scheme", "")]),
      request("8.3.1", "no :path", [(":path", "")]),
      malformed("8.3.1", "an empty :path", Wire.request([(":path", "")]) + Wire.field(":path", "")),
      request("8.3.1", "a :path that isn't absolute", [(":path", "test.Service/Echo")]),
      request("8.3.1", "* for another method than OPTIONS", [(":path", "*")]),
      request("8.3.1", "neither :authority nor host", [(":authority", "")]),
      malformed("8.3.1", ":method twice", Wire.field(":method", "POST") + Wire.request()),
      malformed("8.3.1", ":path twice", Wire.field(":path", "/a") + Wire.request()),
      malformed("8.3.1", ":scheme twice", Wire.field(":scheme", "http") + Wire.request()),
      malformed("8.3.1", ":authority twice", Wire.field(":authority", "test") + Wire.request()),
      malformed("8.3", "a pseudo-header field of responses", Wire.response + Wire.request()),
      malformed("8.3", "an unknown pseudo-header field", Wire.field(":custom", "1") + Wire.request()),
      malformed(
        "8.3", "a pseudo-header field after others",
        Wire.request([(":path", ""), ("x", "y")]) + Wire.field(":path", "/a")),
      malformed("8.5", "CONNECT with a :path", Wire.request([(":method", "CONNECT")])),
      malformed("8.3", ":protocol, which takes an extension", Wire.field(":protocol", "websocket") + Wire.request()),
      request("8.2.2", "te other than trailers", [("te", "gzip")]),
      Self("9113 8.2.2", "te: trailers", Wire.headers(3, Wire.request([("te", "trailers")])), .accepted),
      Self(
        "9113 8.1.1", "content-length of more than no body",
        Wire.headers(3, Wire.request([("content-length", "1")]), flags: [.endHeaders, .endStream]),
        .streamError(.protocolError, on: 3)),
    ]

  /// The same for responses.
  static let responses: [Violation] =
    fields(.client) + [
      malformed("8.3.2", "no :status", Wire.field("x", "y")),
      malformed("8.3.2", ":status twice", Wire.response + Wire.response),
      malformed("8.3.2", ":status of two digits", Wire.field(":status", "20")),
      malformed("8.3.2", ":status in words", Wire.field(":status", "abc")),
      malformed("8.6", ":status of 101", Wire.field(":status", "101")),
      malformed("8.3", "a pseudo-header field of requests", Wire.field(":path", "/") + Wire.response),
      malformed("8.3", "an unknown pseudo-header field", Wire.field(":custom", "1") + Wire.response),
      malformed("8.3", ":status after other fields", Wire.field("x", "y") + Wire.response),
      Self(
        "9113 8.1", "an interim response before the final one",
        Wire.headers(3, Wire.field(":status", "103")) + Wire.headers(3, Wire.response), .accepted),
      Self(
        "9113 8.1", "an interim response that ends the stream",
        Wire.headers(3, Wire.field(":status", "100"), flags: [.endHeaders, .endStream]),
        .streamError(.protocolError, on: 3)),
      Self(
        "9113 8.1", "DATA after an interim response",
        Wire.headers(3, Wire.field(":status", "100")) + Wire.data(3, [1]), .streamError(.protocolError, on: 3)),
      Self(
        "9113 8.1.1", "content-length of more than no body",
        Wire.headers(3, Wire.response + Wire.field("content-length", "1"), flags: [.endHeaders, .endStream]),
        .streamError(.protocolError, on: 3)),
    ]

  /// What is malformed in either role (RFC 9113 sections 8.1.1, 8.2.1 and 8.2.2).
  private static func fields(_ role: HTTP2Role) -> [Violation] {
    let section = section(role)
    let names: [(String, [UInt8])] = [
      ("an upper-case name", Array("X-Upper".utf8)), ("a name with a space", Array("x y".utf8)),
      ("a name with a colon", Array("x:y".utf8)), ("a name with a control character", [120, 1]),
      ("a name with DEL", [120, 0x7f]), ("a name that isn't ASCII", [120, 0xc3, 0xa4]), ("an empty name", []),
    ]
    let values: [(String, [UInt8])] = [
      ("a value with NUL", [97, 0, 97]), ("a value with CR", [97, 13, 97]), ("a value with LF", [97, 10, 97]),
      ("a value that starts with a space", [32, 97]), ("a value that ends with a tab", [97, 9]),
    ]
    let connectionFields = [
      ("connection", "close"), ("proxy-connection", "close"), ("keep-alive", "1"), ("transfer-encoding", "chunked"),
      ("upgrade", "h2c"),
    ]
    let length = { (value: String) in Wire.headers(3, section + Wire.field("content-length", value)) }
    return names.map { malformed("8.2.1", $0, section + Wire.field($1, [97])) }
      + values.map { malformed("8.2.1", $0, section + Wire.field([120], $1)) }
      + connectionFields.map { malformed("8.2.2", "the field \($0)", section + Wire.field($0, $1)) } + [
        malformed("8.1.1", "content-length in words", section + Wire.field("content-length", "one")),
        malformed(
          "8.1.1", "content-length twice",
          section + Wire.field("content-length", "1") + Wire.field("content-length", "1")),
        Self(
          "9113 8.1.1", "more DATA than content-length", length("1") + Wire.data(3, [1, 2]),
          .streamError(.protocolError, on: 3)),
        Self(
          "9113 8.1.1", "less DATA than content-length", length("3") + Wire.data(3, [1, 2], flags: .endStream),
          .streamError(.protocolError, on: 3)),
        Self(
          "9113 8.1.1", "as much DATA as content-length", length("2") + Wire.data(3, [1, 2], flags: .endStream),
          .accepted),
        Self(
          "9113 8.1", "a pseudo-header field in trailers",
          Wire.headers(1, Wire.field(role == .server ? ":path" : ":status", "200"), flags: [.endHeaders, .endStream]),
          .streamError(.protocolError, on: 1)),
        Self(
          "9113 8.2.1", "an invalid name in trailers",
          Wire.headers(1, Wire.field("X", "y"), flags: [.endHeaders, .endStream]), .streamError(.protocolError, on: 1)),
      ]
  }

  private static func request(_ section: String, _ summary: String, _ changes: [(String, String)]) -> Violation {
    malformed(section, summary, Wire.request(changes))
  }

  private static func malformed(_ section: String, _ summary: String, _ block: [UInt8]) -> Violation {
    var violation = Self("9113 \(section)", summary, Wire.headers(3, block), .streamError(.protocolError, on: 3))
    violation.isMalformed = true
    return violation
  }
}
