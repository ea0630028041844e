import HTTP2Session
import HTTP2TestSupport

extension Violation {
  static let byClients =
    frames(.server) + settings(.server) + flowControl(.server) + streamStates(.server) + continuations(.server)
    + hpack(.server) + streamIDs + requests
  static let byServers =
    frames(.client) + settings(.client) + flowControl(.client) + streamStates(.client) + continuations(.client)
    + hpack(.client) + pushAndGoAway + responses

  /// A section that the session under test takes on stream 3.
  static func section(_ role: HTTP2Role) -> [UInt8] {
    role == .server ? Wire.request() : Wire.response
  }

  /// Before any frame was right.
  static let ofTheStart: [Violation] = [
    Self("9113 3.4", "a client sends HTTP/1.1", Array("GET / HTTP/1.1\r\nhost: test\r\n\r\n".utf8), .notHTTP2),
    Self("9113 3.4", "a client's preface has a wrong last byte", Wire.preface.dropLast() + [0], .notHTTP2),
    Self("9113 3.4", "a client begins with a PING", Wire.preface + Wire.ping(), .connectionError(.protocolError)),
    Self(
      "9113 3.4", "a client begins with the ACK of SETTINGS", Wire.preface + Wire.settings(flags: .ack),
      .connectionError(.protocolError)),
    Self("9113 3.4", "a server begins with a PING", Wire.ping(), .connectionError(.protocolError)),
    Self(
      "9113 3.4", "a server begins with HTTP/1.1", Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8),
      .connectionError(.protocolError)),
  ]

  /// RFC 9113 sections 4.1, 4.2 and 6.1 to 6.8: types, flags, lengths, padding and the stream that a frame is on.
  static func frames(_ role: HTTP2Role) -> [Violation] {
    let section = section(role)
    let long = [UInt8](repeating: 0, count: 16_385)
    return [
      Self("9113 4.1", "an unknown type is ignored", Wire.frame(0xfa, stream: 1, [1, 2, 3]), .accepted),
      Self("9113 4.1", "an unknown type is ignored on an idle stream", Wire.frame(0xfa, stream: 7, [1]), .accepted),
      Self(
        "9113 4.1", "flags without a meaning are ignored", Wire.frame(6, flags: .init(rawValue: 0xfe), [UInt8](0..<8)),
        .accepted),
      Self("9113 4.1", "the reserved bit is ignored", Wire.data(0x8000_0001, [1]), .accepted),
      Self("9113 4.2", "a DATA frame as long as allowed", Wire.data(1, Array(long.dropLast())), .accepted),
      Self("9113 4.2", "a DATA frame that is too long", Wire.data(1, long), .connectionError(.frameSizeError)),
      Self("9113 4.2", "HEADERS that are too long", Wire.headers(3, long), .connectionError(.frameSizeError)),
      Self("9113 4.2", "SETTINGS that are too long", Wire.frame(4, long), .connectionError(.frameSizeError)),
      Self("9113 4.2", "an unknown type that is too long", Wire.frame(0xfa, long), .connectionError(.frameSizeError)),

      Self("9113 6.1", "DATA on stream 0", Wire.data(0, [1]), .connectionError(.protocolError)),
      Self(
        "9113 6.1", "DATA with as much padding as payload", Wire.data(1, [3, 0, 0], flags: .padded),
        .connectionError(.protocolError)),
      Self(
        "9113 6.1", "DATA of padding alone", Wire.data(1, [3, 0, 0, 0], flags: .padded), .accepted),
      Self(
        "9113 6.1", "padded DATA without the padding's length", Wire.data(1, [], flags: .padded),
        .connectionError(.protocolError)),
      Self("9113 6.1", "empty DATA", Wire.data(1), .accepted),

      Self("9113 6.2", "HEADERS on stream 0", Wire.headers(0, section), .connectionError(.protocolError)),
      Self(
        "9113 6.2", "HEADERS with more padding than payload",
        Wire.headers(3, [UInt8(section.count + 1)] + section, flags: [.endHeaders, .padded]),
        .connectionError(.protocolError)),
      Self(
        "9113 6.2", "HEADERS with padding and priority",
        Wire.headers(3, [4, 0, 0, 0, 0, 15] + section + [0, 0, 0, 0], flags: [.endHeaders, .padded, .priority]),
        .accepted),
      Self(
        "9113 6.2", "HEADERS too short for their priority", Wire.headers(3, [0, 0], flags: [.endHeaders, .priority]),
        .connectionError(.frameSizeError)),

      Self("9113 6.3", "PRIORITY on stream 0", Wire.priority(0), .connectionError(.protocolError)),
      Self(
        "9113 6.3", "PRIORITY of 4 bytes", Wire.frame(2, stream: 1, [0, 0, 0, 0]), .connectionError(.frameSizeError)),
      Self(
        "9113 6.3", "PRIORITY of 6 bytes", Wire.frame(2, stream: 1, [0, 0, 0, 0, 0, 0]),
        .connectionError(.frameSizeError)),

      Self("9113 6.4", "RST_STREAM on stream 0", Wire.reset(0), .connectionError(.protocolError)),
      Self(
        "9113 6.4", "RST_STREAM of 3 bytes", Wire.frame(3, stream: 1, [0, 0, 0]), .connectionError(.frameSizeError)),
      Self(
        "9113 6.4", "RST_STREAM of 5 bytes", Wire.frame(3, stream: 1, [0, 0, 0, 0, 8]),
        .connectionError(.frameSizeError)),
      Self("9113 6.4", "RST_STREAM with an unknown code", Wire.reset(1, code: 0xfade), .accepted),

      Self(
        "9113 6.6", "a promise to this side", Wire.pushPromise(1, promised: 2, Wire.request()),
        .connectionError(.protocolError)),

      Self("9113 6.7", "PING on a stream", Wire.frame(6, stream: 1, [UInt8](0..<8)), .connectionError(.protocolError)),
      Self("9113 6.7", "PING of 7 bytes", Wire.frame(6, [UInt8](0..<7)), .connectionError(.frameSizeError)),
      Self("9113 6.7", "PING of 9 bytes", Wire.frame(6, [UInt8](0..<9)), .connectionError(.frameSizeError)),
      Self("9113 6.7", "the ACK of a PING that was never sent", Wire.ping(flags: .ack), .accepted),

      Self(
        "9113 6.8", "GOAWAY on a stream", Wire.frame(7, stream: 1, [UInt8](repeating: 0, count: 8)),
        .connectionError(.protocolError)),
      Self("9113 6.8", "GOAWAY of 7 bytes", Wire.frame(7, [0, 0, 0, 0, 0, 0, 0]), .connectionError(.frameSizeError)),
    ]
  }
}
