import HTTP2Session

/// A frame that a peer was sent.
struct SentFrame: Equatable, Sendable {
  var type: UInt8
  var flags: UInt8
  var stream: UInt32
  var payload: [UInt8]

  /// The code of a GOAWAY; nil for other frames.
  var goAwayCode: HTTP2ErrorCode? {
    self.type == 7 ? HTTP2ErrorCode(rawValue: self.number(at: 4)) : nil
  }

  /// The last stream that a GOAWAY names; nil for other frames.
  var goAwayLastStream: UInt32? {
    self.type == 7 ? self.number(at: 0) : nil
  }

  /// The code of a RST_STREAM; nil for other frames.
  var resetCode: HTTP2ErrorCode? {
    self.type == 3 ? HTTP2ErrorCode(rawValue: self.number(at: 0)) : nil
  }

  var isData: Bool { self.type == 0 }
  var isHeaders: Bool { self.type == 1 }
  var isSettingsAck: Bool { self.type == 4 && self.flags & 1 == 1 }
  var isPingAck: Bool { self.type == 6 && self.flags & 1 == 1 }

  /// Cuts bytes into whole frames, which are removed from `bytes`.
  static func take(from bytes: inout [UInt8]) -> [SentFrame] {
    var frames: [SentFrame] = []
    var rest = bytes[...]
    while rest.count >= 9 {
      let header = Array(rest.prefix(9))
      let length = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
      guard rest.count >= 9 + length else { break }
      rest = rest.dropFirst(9)
      let stream = header[5...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
      frames.append(
        SentFrame(type: header[3], flags: header[4], stream: stream, payload: Array(rest.prefix(length))))
      rest = rest.dropFirst(length)
    }
    bytes = Array(rest)
    return frames
  }

  private func number(at offset: Int) -> UInt32 {
    self.payload.dropFirst(offset).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }
}
