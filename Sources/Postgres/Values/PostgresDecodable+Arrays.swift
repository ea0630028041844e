/// A Swift type that can be an element of a decoded array.
package protocol PostgresArrayElement: Sendable {
  /// Decodes an array column; `nil` when the type or the bytes don't fit, or an element is NULL.
  static func decodeArray(postgresBytes bytes: RawSpan, type: PostgresType) -> [Self]?
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
  package init?(postgresBytes bytes: RawSpan, type: PostgresType) {
    guard let values = Element.decodeArray(postgresBytes: bytes, type: type) else { return nil }
    self = values
  }
}

/// Makes `[UInt8]` bytea, and `[[UInt8]]` an array of bytea.
extension Array: PostgresArrayElement where Element == UInt8 {}

extension UInt8: PostgresArrayElement {
  package static func decodeArray(postgresBytes bytes: RawSpan, type: PostgresType) -> [UInt8]? {
    guard type == .bytea else { return nil }
    return bytes.withUnsafeBytes { [UInt8]($0) }
  }
}

extension PostgresArrayElement where Self: PostgresDecodable {
  /// Decodes the form of array_send: the number of dimensions, a NULL flag, the element type, a count and a lower bound
  /// for each dimension, then the elements.
  package static func decodeArray(postgresBytes bytes: RawSpan, type: PostgresType) -> [Self]? {
    guard let dimensions = bytes.bigEndian(Int32.self), let element = bytes.bigEndian(UInt32.self, at: 8) else {
      return nil
    }
    let elementType = PostgresType(rawValue: element)
    guard type.isArray(of: elementType) else { return nil }
    if dimensions == 0 { return [] }
    guard dimensions == 1, let count = bytes.bigEndian(Int32.self, at: 12), count >= 0 else { return nil }
    var offset = 20
    var values: [Self] = []
    values.reserveCapacity(Swift.min(Int(count), bytes.byteCount / 4))
    for _ in 0..<count {
      guard let length = bytes.bigEndian(Int32.self, at: offset).map(Int.init), length >= 0 else { return nil }
      offset += 4
      guard bytes.byteCount - offset >= length else { return nil }
      guard let value = Self(postgresBytes: bytes.extracting(offset..<offset + length), type: elementType) else {
        return nil
      }
      values.append(value)
      offset += length
    }
    return values
  }
}

extension PostgresType {
  private static let arrays: [UInt32: UInt32] = [
    1000: 16, 1001: 17, 1003: 19, 1005: 21, 1007: 23, 1009: 25, 1014: 1042, 1015: 1043, 1016: 20, 1021: 700, 1022: 701,
    1028: 26, 1185: 1184, 199: 114, 2951: 2950, 3807: 3802,
  ]

  func isArray(of element: PostgresType) -> Bool {
    Self.arrays[rawValue] == element.rawValue
  }
}
