import HTTP2Session

/// A frame as it is on the wire, valid or not (RFC 9113 section 4.1).
struct WireFrame: Equatable {
  var type: UInt8
  var flags: UInt8 = 0
  var streamID: UInt32 = 0
  var payload: [UInt8] = []

  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  var bytes: [UInt8] {
    let length = UInt32(self.payload.count)
    return Array(bigEndian(length).dropFirst()) + [self.type, self.flags] + bigEndian(self.streamID) + self.payload
  }

  /// Takes the first frame off `bytes`; nil when it isn't all there.
  init?(takingFrom bytes: inout ArraySlice<UInt8>) {
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

  init(type: UInt8, flags: UInt8 = 0, streamID: UInt32 = 0, payload: [UInt8] = []) {
    self.type = type
    self.flags = flags
    self.streamID = streamID
    self.payload = payload
  }

  static func data(_ streamID: UInt32, _ payload: [UInt8] = [], flags: UInt8 = 0) -> Self {
    Self(type: 0, flags: flags, streamID: streamID, payload: payload)
  }

  /// Flags 4 is END_HEADERS, 5 END_STREAM, too.
  static func headers(_ streamID: UInt32, _ fields: [HTTP2Field] = request(), flags: UInt8 = 4) -> Self {
    Self(type: 1, flags: flags, streamID: streamID, payload: hpack(fields))
  }

  static func priority(_ streamID: UInt32) -> Self {
    Self(type: 2, streamID: streamID, payload: [0, 0, 0, 0, 16])
  }

  static func reset(_ streamID: UInt32, _ code: HTTP2ErrorCode = .cancel) -> Self {
    Self(type: 3, streamID: streamID, payload: bigEndian(code.rawValue))
  }

  static func settings(_ entries: [(UInt16, UInt32)] = []) -> Self {
    Self(
      type: 4, payload: entries.flatMap { [UInt8($0.0 >> 8), UInt8(truncatingIfNeeded: $0.0)] + bigEndian($0.1) })
  }

  static let settingsAcknowledgement = Self(type: 4, flags: 1)

  static func ping(isAnswer: Bool = false, _ payload: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]) -> Self {
    Self(type: 6, flags: isAnswer ? 1 : 0, payload: payload)
  }

  static func windowUpdate(_ streamID: UInt32, _ increment: UInt32) -> Self {
    Self(type: 8, streamID: streamID, payload: bigEndian(increment))
  }

  static func continuation(_ streamID: UInt32, _ payload: [UInt8] = [], flags: UInt8 = 0) -> Self {
    Self(type: 9, flags: flags, streamID: streamID, payload: payload)
  }

  /// The fields of a call.
  static func request(method: String = "Echo", _ extra: [HTTP2Field] = []) -> [HTTP2Field] {
    [
      HTTP2Field(":method", "POST"), HTTP2Field(":scheme", "http"), HTTP2Field(":path", "/test.Service/\(method)"),
      HTTP2Field(":authority", "test"), HTTP2Field("te", "trailers"), HTTP2Field("content-type", "application/grpc"),
    ] + extra
  }

  /// Literal fields that no table keeps (RFC 7541 section 6.2.2).
  static func hpack(_ fields: [HTTP2Field]) -> [UInt8] {
    fields.flatMap { [0] + self.hpackString($0.name) + self.hpackString($0.value) }
  }

  static func hpackString(_ text: String) -> [UInt8] {
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

private func bigEndian(_ value: UInt32) -> [UInt8] {
  (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
}
