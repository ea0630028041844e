/// The nine bytes before a frame's payload (RFC 9113 section 4.1).
struct FrameHeader {
  var length: Int
  var type: UInt8
  var flags: UInt8
  /// Without the reserved bit.
  var streamID: Int32

  static let size = 9

  /// `start` is length, type and flags; `end` the reserved bit and the stream id.
  fileprivate init(start: UInt64, end: UInt32) {
    self.length = Int(truncatingIfNeeded: start >> 16)
    self.type = UInt8(truncatingIfNeeded: start >> 8)
    self.flags = UInt8(truncatingIfNeeded: start)
    self.streamID = Int32(truncatingIfNeeded: end & 0x7fff_ffff)
  }
}

/// Finds the frame headers in received bytes, wherever these are cut.
struct FrameScanner {
  /// The payload that is still to come before the next header.
  private var payloadLeft: Int
  /// How many bytes came of a header that isn't whole yet; they are to be held back.
  private(set) var heldCount = 0
  private var start: UInt64 = 0
  private var end: UInt32 = 0

  private static let startSize = 5

  /// `preface` is the number of bytes before the first frame.
  init(preface: Int) {
    self.payloadLeft = preface
  }

  /// The bytes of the header that was found last.
  var lastHeader: [UInt8] {
    (0..<Self.startSize).map { UInt8(truncatingIfNeeded: self.start >> UInt64(8 * (Self.startSize - 1 - $0))) }
      + (0..<4).map { UInt8(truncatingIfNeeded: self.end >> UInt32(8 * (3 - $0))) }
  }

  /// Moves `offset` behind the next frame header and returns it; nil, with `offset` at the end, when it isn't whole
  /// yet.
  mutating func next(in bytes: UnsafeRawBufferPointer, at offset: inout Int) -> FrameHeader? {
    let skipped = min(self.payloadLeft, bytes.count - offset)
    offset += skipped
    self.payloadLeft -= skipped
    if self.heldCount == 0, bytes.count - offset >= FrameHeader.size {
      self.start = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) >> 24
      self.end = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + Self.startSize, as: UInt32.self))
      offset += FrameHeader.size
    } else {
      while self.heldCount < FrameHeader.size {
        guard offset < bytes.count else { return nil }
        self.append(bytes[offset])
        offset += 1
      }
      self.heldCount = 0
    }
    let header = FrameHeader(start: self.start, end: self.end)
    self.payloadLeft = header.length
    return header
  }

  private mutating func append(_ byte: UInt8) {
    if self.heldCount < Self.startSize {
      self.start = self.heldCount == 0 ? UInt64(byte) : self.start << 8 | UInt64(byte)
    } else {
      self.end = self.end << 8 | UInt32(byte)
    }
    self.heldCount += 1
  }
}
