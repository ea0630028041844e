extension PostgresValue {
  var type: PostgresType {
    switch self {
    case .null: .unspecified
    case .typedNull(let type): type
    case .bool: .bool
    case .int4: .int4
    case .int8: .int8
    case .float8: .float8
    case .text: .text
    case .bytea: .bytea
    case .timestamp: .timestamptz
    case .boolArray: .boolArray
    case .int8Array: .int8Array
    case .float8Array: .float8Array
    case .textArray: .textArray
    case .byteaArray: .byteaArray
    }
  }

  var isNull: Bool {
    switch self {
    case .null, .typedNull: true
    default: false
    }
  }

  /// Appends the binary form (the `…send` functions of PostgreSQL's types); nothing for NULL.
  func encode(into bytes: inout [UInt8]) throws(PostgresError) {
    switch self {
    case .null, .typedNull: break
    case .bool(let value): bytes.append(value ? 1 : 0)
    case .int4(let value): bytes.appendBigEndian(value)
    case .int8(let value): bytes.appendBigEndian(value)
    case .float8(let value): bytes.appendBigEndian(value.bitPattern)
    case .text(let value): try bytes.appendText(value)
    case .bytea(let value): bytes.append(contentsOf: value)
    case .timestamp(let microseconds):
      let (value, overflow) = microseconds.subtractingReportingOverflow(PostgresTimestamp.epochOffset)
      if overflow { throw PostgresError(.invalidParameter, "a timestamp is out of PostgreSQL's range") }
      bytes.appendBigEndian(value)
    case .boolArray(let values):
      bytes.appendArrayHeader(count: values.count, of: .bool)
      for value in values {
        bytes.appendBigEndian(Int32(1))
        bytes.append(value ? 1 : 0)
      }
    case .int8Array(let values):
      bytes.appendArrayHeader(count: values.count, of: .int8)
      for value in values { bytes.appendElement(UInt64(bitPattern: value)) }
    case .float8Array(let values):
      bytes.appendArrayHeader(count: values.count, of: .float8)
      for value in values { bytes.appendElement(value.bitPattern) }
    case .textArray(let values):
      bytes.appendArrayHeader(count: values.count, of: .text)
      for value in values {
        bytes.appendBigEndian(Int32(truncatingIfNeeded: value.utf8.count))
        try bytes.appendText(value)
      }
    case .byteaArray(let values):
      bytes.appendArrayHeader(count: values.count, of: .bytea)
      for value in values {
        bytes.appendBigEndian(Int32(truncatingIfNeeded: value.count))
        bytes.append(contentsOf: value)
      }
    }
  }
}

extension [UInt8] {
  fileprivate mutating func appendBigEndian<T: FixedWidthInteger>(_ value: T) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }

  fileprivate mutating func appendText(_ value: String) throws(PostgresError) {
    let start = count
    append(contentsOf: value.utf8)
    if self[start...].contains(0) {
      throw PostgresError(.invalidParameter, "a text holds a NUL character, which PostgreSQL can't store: use bytea")
    }
  }

  /// Appends the header of an array with one dimension, lower bound 1 and no NULLs (array_send).
  fileprivate mutating func appendArrayHeader(count: Int, of type: PostgresType) {
    reserveCapacity(self.count + 20 + count * 12)
    appendBigEndian(Int32(count == 0 ? 0 : 1))
    appendBigEndian(Int32(0))
    appendBigEndian(type.rawValue)
    if count > 0 {
      appendBigEndian(Int32(truncatingIfNeeded: count))
      appendBigEndian(Int32(1))
    }
  }

  fileprivate mutating func appendElement(_ value: UInt64) {
    appendBigEndian(Int32(8))
    appendBigEndian(value)
  }
}
