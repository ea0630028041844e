import NIOCore

/// Finds the compressed-flags of gRPC messages in one direction of an HTTP/2 connection.
///
/// Sources: RFC 9113 sections 3.4, 4.1 and 6.1; PROTOCOL-HTTP2.md, Length-Prefixed-Message.
struct MessageFlagReader {
  /// Where a stream is in its messages.
  private struct Position {
    var prefix: [UInt8] = []
    var unreadBytes = 0
  }

  private static let frameHeaderLength = 9
  private static let messagePrefixLength = 5

  private var unread = ByteBuffer()
  private var positions: [UInt32: Position] = [:]
  private var prefaceBytes: Int

  /// `fromClient`: whether the direction starts with the client's preface.
  init(fromClient: Bool) {
    self.prefaceBytes = fromClient ? "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8.count : 0
  }

  /// Takes the next bytes and calls `found` for each message that begins in them.
  mutating func append(_ bytes: ByteBuffer, found: (_ streamID: UInt32, _ flag: UInt8) -> Void) {
    self.unread.writeImmutableBuffer(bytes)
    let preface = min(self.prefaceBytes, self.unread.readableBytes)
    self.unread.moveReaderIndex(forwardBy: preface)
    self.prefaceBytes -= preface
    while let (streamID, data) = self.nextFrame() {
      if let data {
        self.read(data, of: streamID, found: found)
      }
    }
    self.unread.discardReadBytes()
  }

  /// The next whole frame; its bytes are nil unless it is DATA.
  private mutating func nextFrame() -> (streamID: UInt32, data: ByteBuffer?)? {
    let start = self.unread.readerIndex
    guard let typeAndLength = self.unread.getInteger(at: start, as: UInt32.self),
      let flags = self.unread.getInteger(at: start + 4, as: UInt8.self),
      let streamID = self.unread.getInteger(at: start + 5, as: UInt32.self)
    else { return nil }
    let length = Int(typeAndLength >> 8)
    guard self.unread.readableBytes >= Self.frameHeaderLength + length else { return nil }
    self.unread.moveReaderIndex(forwardBy: Self.frameHeaderLength)
    var payload = self.unread.readSlice(length: length)
    guard typeAndLength & 0xff == 0 else { return (streamID, nil) }
    if flags & 0x8 != 0, let padding = payload?.readInteger(as: UInt8.self), let readable = payload?.readableBytes {
      payload = payload?.readSlice(length: max(0, readable - Int(padding)))
    }
    return (streamID, payload)
  }

  private mutating func read(_ data: ByteBuffer, of streamID: UInt32, found: (UInt32, UInt8) -> Void) {
    var data = data
    var position = self.positions[streamID, default: Position()]
    while data.readableBytes > 0 {
      let skipped = min(position.unreadBytes, data.readableBytes)
      data.moveReaderIndex(forwardBy: skipped)
      position.unreadBytes -= skipped
      guard position.unreadBytes == 0, let byte = data.readInteger(as: UInt8.self) else { continue }
      position.prefix.append(byte)
      guard position.prefix.count == Self.messagePrefixLength else { continue }
      found(streamID, position.prefix[0])
      position.unreadBytes = position.prefix.dropFirst().reduce(0) { $0 << 8 | Int($1) }
      position.prefix = []
    }
    self.positions[streamID] = position
  }
}
