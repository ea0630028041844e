import HTTP2Session
import HTTP2TestSupport

extension Violation {
  /// RFC 9113 section 5.1, and 5.1.1 as far as both sides can break it.
  static func streamStates(_ role: HTTP2Role) -> [Violation] {
    let section = section(role)
    let trailers = Wire.field("x-trailer", "1")
    let endedByPeer = Step.peerSends(Wire.data(1, flags: .endStream))
    let ended = [endedByPeer, .ends(1)]
    let reset = [Step.peerSends(Wire.reset(1))]
    let states: [(name: String, steps: [Step])] = [
      ("half-closed", [endedByPeer]), ("closed by both sides", ended), ("closed by its reset", reset),
    ]
    return [
      Self("9113 5.1", "DATA on an idle stream", Wire.data(7), .connectionError(.protocolError)),
      Self("9113 5.1", "RST_STREAM on an idle stream", Wire.reset(7), .connectionError(.protocolError)),
      Self(
        "9113 5.1", "WINDOW_UPDATE on an idle stream", Wire.windowUpdate(7, by: 1), .connectionError(.protocolError)),
      Self("9113 5.1", "CONTINUATION on an idle stream", Wire.continuation(7), .connectionError(.protocolError)),
      Self("9113 5.1", "PRIORITY on an idle stream", Wire.priority(7), .accepted),
      Self(
        "9113 5.1.1", "HEADERS on a stream of the server's", Wire.headers(2, section), .connectionError(.protocolError)),
      Self("9113 5.1.1", "DATA on a stream of the server's", Wire.data(2), .connectionError(.protocolError)),
      Self("9113 8.1", "trailers", Wire.headers(1, trailers, flags: [.endHeaders, .endStream]), .accepted),
      Self(
        "9113 8.1", "trailers that don't end the stream", Wire.headers(1, trailers),
        .streamError(.protocolError, on: 1)),
    ]
      + states.flatMap { name, steps in
        [
          Self(
            "9113 5.1", "DATA on a stream that is \(name)", steps + [.peerSends(Wire.data(1, [1]))],
            .connectionError(.streamClosed)),
          Self(
            "9113 5.1", "HEADERS on a stream that is \(name)",
            steps + [.peerSends(Wire.headers(1, trailers, flags: [.endHeaders, .endStream]))],
            .connectionError(.streamClosed)),
          Self(
            "9113 5.1", "CONTINUATION on a stream that is \(name)", steps + [.peerSends(Wire.continuation(1))],
            .connectionError(.protocolError)),
          Self(
            "9113 5.1", "WINDOW_UPDATE, PRIORITY and RST_STREAM on a stream that is \(name)",
            steps + [.peerSends(Wire.windowUpdate(1, by: 1) + Wire.priority(1) + Wire.reset(1))], .accepted),
        ]
      } + resetByThisSide(role)
  }

  /// Frames that cross this side's reset or GOAWAY are no error (RFC 9113 sections 5.1, 5.4.2 and 6.8).
  private static func resetByThisSide(_ role: HTTP2Role) -> [Violation] {
    // An indexed field goes into the decoder's table though its section is ignored (RFC 9113 section 4.3).
    let indexed: [UInt8] = [0x40, 1, UInt8(ascii: "x"), 1, UInt8(ascii: "y")]
    let crossing =
      Wire.data(1, [1, 2, 3]) + Wire.windowUpdate(1, by: 1)
      + Wire.headers(1, indexed, flags: [.endHeaders, .endStream])
    let afterwards = Wire.headers(3, section(role) + [0x80 | 62])
    return [
      Self("9113 5.1", "frames that cross a reset", [.resets(1), .peerSends(crossing + afterwards)], .accepted),
      Self(
        "9113 5.1", "frames that cross a reset, after the peer's own end",
        [.peerSends(Wire.data(1, flags: .endStream)), .resets(1), .peerSends(Wire.data(1))],
        .connectionError(.streamClosed)),
      Self(
        "9113 5.4.2", "a reset that answers a reset", [.resets(1), .peerSends(Wire.reset(1) + Wire.reset(1))],
        .accepted),
    ]
  }

  /// RFC 9113 sections 5.1.1, 5.1.2 and 6.8: the streams that a client opens.
  static let streamIDs: [Violation] = [
    Self(
      "9113 5.1.1", "a stream below one that was opened",
      Wire.headers(7, Wire.request()) + Wire.headers(5, Wire.request()), .connectionError(.protocolError)),
    Self(
      "9113 5.1.1", "DATA on a stream that was passed over", Wire.headers(7, Wire.request()) + Wire.data(3, [1]),
      .connectionError(.protocolError)),
    Self(
      "9113 5.1.1", "a stream that was passed over after its PRIORITY",
      Wire.priority(3) + Wire.headers(7, Wire.request()) + Wire.headers(3, Wire.request()),
      .connectionError(.protocolError)),
    Self(
      "9113 5.1.1", "a stream that was used and passed, once more",
      [
        .peerSends(Wire.headers(3, Wire.request(), flags: [.endHeaders, .endStream])), .ends(3),
        .peerSends(Wire.headers(5, Wire.request()) + Wire.headers(3, Wire.request())),
      ], .connectionError(.streamClosed)),
    Self(
      "9113 6.8", "streams that cross a GOAWAY",
      [
        .goesAway,
        .peerSends(
          Wire.headers(3, Wire.request()) + Wire.data(3, [1]) + Wire.headers(5, Wire.request()) + Wire.data(3, [1])),
      ], .accepted),
    Self(
      "9113 6.8", "DATA on a closed stream after the client's GOAWAY, which is of the server's streams",
      [
        .peerSends(Wire.data(1, flags: .endStream)), .ends(1),
        .peerSends(Wire.headers(3, Wire.request()) + Wire.goAway(lastStream: 0) + Wire.data(1, [1])),
      ], .connectionError(.streamClosed)),
    Self(
      "9113 6.8", "GOAWAY with a stream that no server opened", Wire.goAway(lastStream: 7),
      .connectionError(.protocolError)),
  ]

  /// RFC 9113 sections 6.5.2, 6.8 and 8.4: what only a server can do.
  static let pushAndGoAway: [Violation] = [
    Self("9113 5.1", "DATA before the response's HEADERS", Wire.data(3, [1]), .connectionError(.protocolError)),
    Self(
      "9113 8.4", "a promise on a stream that is closed",
      [.peerSends(Wire.reset(1)), .peerSends(Wire.pushPromise(1, promised: 2, Wire.request()))],
      .connectionError(.protocolError)),
    Self(
      "9113 6.8", "a GOAWAY that takes more than the one before",
      Wire.goAway(lastStream: 1) + Wire.goAway(lastStream: 3), .connectionError(.protocolError)),
    Self(
      "9113 6.8", "GOAWAY with a stream of the server's", Wire.goAway(lastStream: 2), .connectionError(.protocolError)),
  ]
}
