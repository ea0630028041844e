import SwiftProtobuf

extension WireGenerator {
  /// A field's value, without tag and length.
  mutating func payload(of field: Google_Protobuf_FieldDescriptorProto, depth: Int) -> [UInt8] {
    var bytes = WireBytes()
    switch field.type {
    case .double: bytes.fixed(double().bitPattern)
    case .float: bytes.fixed(float().bitPattern)
    case .int32: bytes.varint(UInt64(bitPattern: Int64(integer(Int32.self))))
    case .int64: bytes.varint(UInt64(bitPattern: integer(Int64.self)))
    case .uint32: bytes.varint(UInt64(integer(UInt32.self)))
    case .uint64: bytes.varint(integer(UInt64.self))
    case .sint32: bytes.varint(UInt64(zigzag(integer(Int32.self))))
    case .sint64: bytes.varint(zigzag(integer(Int64.self)))
    case .fixed32: bytes.fixed(integer(UInt32.self))
    case .fixed64: bytes.fixed(integer(UInt64.self))
    case .sfixed32: bytes.fixed(integer(Int32.self))
    case .sfixed64: bytes.fixed(integer(Int64.self))
    case .bool: bytes.varint(shape == .defaults ? 0 : shape == .extremes ? 1 : random.next() & 1)
    case .enum: bytes.varint(UInt64(bitPattern: Int64(enumNumber(field.declaredType))))
    case .string: bytes.append(text())
    case .bytes: bytes.append(shape == .defaults ? [] : anyBytes())
    case .message: bytes.append(message(field.declaredType, depth: depth - 1))
    case .group: break
    }
    return bytes.bytes
  }

  private mutating func integer<I: FixedWidthInteger>(_: I.Type) -> I {
    switch shape {
    case .defaults: return 0
    case .extremes: return random.one(of: [I.min, I.max])
    default:
      if random.once(in: 3) { return random.one(of: [0, 1, I.min, I.max, I.max / 2, 127, I.isSigned ? 0 &- 1 : 126]) }
      // Every number of bytes that a varint can have.
      return I(truncatingIfNeeded: random.next()) >> Int.random(in: 0..<I.bitWidth, using: &random)
    }
  }

  private func zigzag<I: FixedWidthInteger & SignedInteger>(_ value: I) -> I.Magnitude {
    I.Magnitude(truncatingIfNeeded: (value << 1) ^ (value >> (I.bitWidth - 1)))
  }

  private mutating func double() -> Double {
    let special: [Double] = [
      .infinity, -.infinity, .nan, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude,
    ]
    switch shape {
    case .defaults: return 0
    case .extremes: return random.one(of: special)
    default:
      if random.once(in: 3) { return random.one(of: special + [0, 1, -1]) }
      let value = Double(bitPattern: random.next())
      return value == 0 ? 0 : value
    }
  }

  private mutating func float() -> Float {
    let special: [Float] = [.infinity, -.infinity, .nan, .greatestFiniteMagnitude, .leastNonzeroMagnitude]
    switch shape {
    case .defaults: return 0
    case .extremes: return random.one(of: special)
    default:
      if random.once(in: 3) { return random.one(of: special + [0, 1, -1]) }
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      return value == 0 ? 0 : value
    }
  }

  /// A declared number, or sometimes one that a later version may declare.
  private mutating func enumNumber(_ name: String) -> Int32 {
    let declared = schema.enums[name]?.value.map(\.number) ?? [0]
    switch shape {
    case .defaults: return 0
    case .extremes: return random.one(of: [declared.max() ?? 0, declared.min() ?? 0, Int32.max, Int32.min])
    default: return random.once(in: 5) ? integer(Int32.self) : random.one(of: declared)
    }
  }

  /// UTF-8 of every length of a scalar, and of the scalars at the edges of the lengths.
  private mutating func text() -> [UInt8] {
    guard shape != .defaults else { return [] }
    let edges: [Unicode.Scalar] = [
      "\u{1}", "\u{7f}", "\u{80}", "\u{7ff}", "\u{800}", "\u{ffff}", "\u{10000}", "\u{10ffff}",
    ]
    let ordinary = Array("temporis ünïcödé 時系列 📈 <script>&\"'".unicodeScalars)
    let count = shape == .extremes ? 4_000 : random.once(in: 12) ? 300 : Int.random(in: 0...24, using: &random)
    return (0..<count).flatMap { _ in
      Array(String(random.once(in: 4) ? random.one(of: edges) : random.one(of: ordinary)).utf8)
    }
  }

  /// Any bytes, NUL among them.
  mutating func anyBytes() -> [UInt8] {
    let count = shape == .extremes ? 4_000 : random.once(in: 12) ? 300 : Int.random(in: 0...24, using: &random)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }
}

extension Google_Protobuf_FieldDescriptorProto.TypeEnum {
  /// How a value of the kind is delimited when it stands alone.
  var wireType: WireBytes.WireType {
    switch self {
    case .double, .fixed64, .sfixed64: .eightBytes
    case .float, .fixed32, .sfixed32: .fourBytes
    case .string, .bytes, .message, .group: .lengthDelimited
    case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .bool, .enum: .varint
    }
  }

  /// Whether a list of the kind may be one length-delimited field.
  var isPackable: Bool { wireType != .lengthDelimited }
}
