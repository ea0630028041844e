extension String: PostgresDecodable, PostgresArrayElement {
  /// text, varchar, char, name, json, jsonb and uuid (in its usual 36 characters).
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
