/// Bytes in the protobuf wire format, written by hand: what is tested writes nothing of it.
struct WireBytes {
  /// How a field's payload is delimited.
  enum WireType: UInt64 {
    case varint = 0
    case eightBytes = 1
    case lengthDelimited = 2
    case fourBytes = 5
  }

  private(set) var bytes: [UInt8] = []

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func tag(_ number: Int32, _ type: WireType) {
    varint(UInt64(number) << 3 | type.rawValue)
  }

  mutating func fixed(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ other: [UInt8]) { bytes.append(contentsOf: other) }

  mutating func delimited(_ payload: [UInt8]) {
    varint(UInt64(payload.count))
    append(payload)
  }
}
