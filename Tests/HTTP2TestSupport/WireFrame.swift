package import HTTP2Session

/// A frame as it is on the wire, valid or not (RFC 9113 section 4.1).
package struct WireFrame: Equatable, Sendable {
  package var type: UInt8
  package var flags: UInt8 = 0
  package var streamID: UInt32 = 0
  package var payload: [UInt8] = []

  package var bytes: [UInt8] {
    Wire.frame(self.type, flags: Wire.Flags(rawValue: self.flags), stream: self.streamID, self.payload)
  }

  package init(type: UInt8, flags: UInt8 = 0, streamID: UInt32 = 0, payload: [UInt8] = []) {
    self.type = type
    self.flags = flags
    self.streamID = streamID
    self.payload = payload
  }

  /// Takes the first frame off `bytes`; nil when it isn't all there.
  package init?(takingFrom bytes: inout ArraySlice<UInt8>) {
    guard bytes.count >= 9 else { return nil }
    let header = Array(bytes.prefix(9))
    let length = header[0..<3].reduce(0) { $0 << 8 | Int($1) }
    guard bytes.count >= 9 + length else { return nil }
    self.type = header[3]
    self.flags = header[4]
    self.streamID = header[5...].reduce(0) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
    self.payload = Array(bytes.dropFirst(9).prefix(length))
    bytes = bytes.dropFirst(9 + length)
  }

  /// Takes all whole frames off `bytes`.
  package static func take(from bytes: inout [UInt8]) -> [WireFrame] {
    var rest = bytes[...]
    defer { bytes = Array(rest) }
    var frames: [WireFrame] = []
    while let frame = WireFrame(takingFrom: &rest) { frames.append(frame) }
    return frames
  }
}

/// What a frame says.
extension WireFrame {
  package var isData: Bool { self.type == 0 }
  package var isHeaders: Bool { self.type == 1 }
  package var isSettings: Bool { self.type == 4 && self.flags & 1 == 0 }
  package var isSettingsAck: Bool { self.type == 4 && self.flags & 1 == 1 }
  package var isPing: Bool { self.type == 6 && self.flags & 1 == 0 }
  package var isPingAck: Bool { self.type == 6 && self.flags & 1 == 1 }

  /// The code of a RST_STREAM; nil for other frames.
  package var resetCode: HTTP2ErrorCode? {
    self.type == 3 ? HTTP2ErrorCode(rawValue: self.number(at: 0)) : nil
  }

  /// The last stream that a GOAWAY names; nil for other frames.
  package var goAwayLastStream: UInt32? {
    self.type == 7 ? self.number(at: 0) : nil
  }

  /// The code of a GOAWAY; nil for other frames.
  package var goAwayCode: HTTP2ErrorCode? {
    self.type == 7 ? HTTP2ErrorCode(rawValue: self.number(at: 4)) : nil
  }

  private func number(at offset: Int) -> UInt32 {
    self.payload.dropFirst(offset).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }
}

/// Frames to send.
extension WireFrame {
  package static func data(_ streamID: UInt32, _ payload: [UInt8] = [], flags: UInt8 = 0) -> Self {
    Self(type: 0, flags: flags, streamID: streamID, payload: payload)
  }

  /// Flags 4 is END_HEADERS, 5 END_STREAM, too.
  package static func headers(_ streamID: UInt32, _ fields: [HTTP2Field] = request(), flags: UInt8 = 4) -> Self {
    Self(type: 1, flags: flags, streamID: streamID, payload: hpack(fields))
  }

  package static func priority(_ streamID: UInt32) -> Self {
    Self(type: 2, streamID: streamID, payload: [0, 0, 0, 0, 16])
  }

  package static func reset(_ streamID: UInt32, _ code: HTTP2ErrorCode = .cancel) -> Self {
    Self(type: 3, streamID: streamID, payload: Wire.big(code.rawValue))
  }

  package static func settings(_ entries: [(UInt16, UInt32)] = []) -> Self {
    Self(type: 4, payload: entries.flatMap { [UInt8($0.0 >> 8), UInt8(truncatingIfNeeded: $0.0)] + Wire.big($0.1) })
  }

  package static let settingsAcknowledgement = Self(type: 4, flags: 1)

  package static func ping(isAnswer: Bool = false, _ payload: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]) -> Self {
    Self(type: 6, flags: isAnswer ? 1 : 0, payload: payload)
  }

  package static func windowUpdate(_ streamID: UInt32, _ increment: UInt32) -> Self {
    Self(type: 8, streamID: streamID, payload: Wire.big(increment))
  }

  package static func continuation(_ streamID: UInt32, _ payload: [UInt8] = [], flags: UInt8 = 0) -> Self {
    Self(type: 9, flags: flags, streamID: streamID, payload: payload)
  }

  /// The fields of a call.
  package static func request(method: String = "Echo", _ extra: [HTTP2Field] = []) -> [HTTP2Field] {
    [
      HTTP2Field(":method", "POST"), HTTP2Field(":scheme", "http"), HTTP2Field(":path", "/test.Service/\(method)"),
      HTTP2Field(":authority", "test"), HTTP2Field("te", "trailers"), HTTP2Field("content-type", "application/grpc"),
    ] + extra
  }

  /// Literal fields that no table keeps (RFC 7541 section 6.2.2).
  package static func hpack(_ fields: [HTTP2Field]) -> [UInt8] {
    fields.flatMap { [0] + self.hpackString($0.name) + self.hpackString($0.value) }
  }

  package static func hpackString(_ text: String) -> [UInt8] {
    var length = text.utf8.count
    guard length >= 127 else { return [UInt8(length)] + text.utf8 }
    var bytes: [UInt8] = [127]
    length -= 127
    while length >= 128 {
      bytes.append(UInt8(length % 128 + 128))
      length /= 128
    }
    return bytes + [UInt8(length)] + text.utf8
  }
}
