extension RawSpan {
  /// The integer at an offset, in network byte order; `nil` beyond the end.
  func bigEndian<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, at offset: Int = 0) -> T? {
    guard offset >= 0, byteCount - offset >= MemoryLayout<T>.size else { return nil }
    return withUnsafeBytes { T(bigEndian: $0.loadUnaligned(fromByteOffset: offset, as: T.self)) }
  }
}

extension Bool: PostgresDecodable, PostgresArrayElement {
  package init?(postgresBytes bytes: RawSpan, type: PostgresType) {
    guard type == .bool, bytes.byteCount == 1, let value = bytes.bigEndian(UInt8.self) else { return nil }
    self = value != 0
  }
}

extension Int64: PostgresDecodable, PostgresArrayElement {
  package init?(postgresBytes bytes: RawSpan, type: PostgresType) {
    let value: Int64? =
      switch type {
      case .int8: bytes.bigEndian(Int64.self)
      case .int4: bytes.bigEndian(Int32.self).map(Int64.init)
      case .int2: bytes.bigEndian(Int16.self).map(Int64.init)
      case .oid: bytes.bigEndian(UInt32.self).map(Int64.init)
      default: nil
      }
    guard let value else { return nil }
    self = value
  }
}

extension Int: PostgresDecodable, PostgresArrayElement {
  package init?(postgresBytes bytes: RawSpan, type: PostgresType) {
    guard let value = Int64(postgresBytes: bytes, type: type) else { return nil }
    self.init(exactly: value)
  }
}

extension Int32: PostgresDecodable, PostgresArrayElement {
  package init?(postgresBytes bytes: RawSpan, type: PostgresType) {
    guard type == .int4 || type == .int2, let value = Int64(postgresBytes: bytes, type: type) else { return nil }
    self.init(exactly: value)
  }
}

extension Double: PostgresDecodable, PostgresArrayElement {
  package init?(postgresBytes bytes: RawSpan, type: PostgresType) {
    let value: Double? =
      switch type {
      case .float8: bytes.bigEndian(UInt64.self).map(Double.init(bitPattern:))
      case .float4: bytes.bigEndian(UInt32.self).map { Double(Float(bitPattern: $0)) }
      default: nil
      }
    guard let value else { return nil }
    self = value
  }
}

extension PostgresTimestamp: PostgresDecodable, PostgresArrayElement {
  /// Decodes a timestamptz. Its infinities don't decode, because there are no microseconds for them.
  package init?(postgresBytes bytes: RawSpan, type: PostgresType) {
    guard type == .timestamptz, let value = bytes.bigEndian(Int64.self) else { return nil }
    guard value != .max, value != .min else { return nil }
    let (sum, overflow) = value.addingReportingOverflow(Self.epochOffset)
    if overflow { return nil }
    self.init(microsecondsSince1970: sum)
  }
}

extension String: PostgresDecodable, PostgresArrayElement {
  /// Decodes text, varchar, char, name, json, jsonb and uuid (in its usual 36 characters).
  package init?(postgresBytes bytes: RawSpan, type: PostgresType) {
    switch type {
    case .text, .varchar, .bpchar, .name, .json:
      self = bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    case .jsonb:
      // jsonb_send: a version byte, then the text.
      guard bytes.bigEndian(UInt8.self) == 1 else { return nil }
      self = bytes.withUnsafeBytes { String(decoding: $0.dropFirst(), as: UTF8.self) }
    case .uuid:
      guard bytes.byteCount == 16 else { return nil }
      self = bytes.withUnsafeBytes(Self.uuid)
    default:
      return nil
    }
  }

  private static func uuid(_ bytes: UnsafeRawBufferPointer) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
