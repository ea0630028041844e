import NIOCore

/// Writes JSON (RFC 8259) piece by piece, so that the caller decides on the order of an object's members, which
/// encoders do not promise for names that are only known at run time.
///
/// The same values always give the same bytes.
struct JSONWriter {
  /// The bytes written so far.
  var buffer = ByteBuffer()

  /// Writes punctuation, or a text made of it.
  mutating func raw(_ text: StaticString) {
    buffer.writeStaticString(text)
  }

  /// Writes bytes that are JSON already.
  mutating func raw(_ bytes: [UInt8]) {
    buffer.writeBytes(bytes)
  }

  /// Writes an integer without fraction or exponent.
  mutating func integer(_ value: Int64) {
    buffer.writeString(String(value))
  }

  /// Writes the shortest decimal that reads back as the same double.
  /// - Precondition: The value is finite: JSON has no other numbers.
  mutating func number(_ value: Double) {
    precondition(value.isFinite, "JSON has no number for \(value)")
    buffer.writeString(value.description)
  }

  /// Writes a string with its quotes. Control characters, quotes and backslashes are escaped; all else stays UTF-8.
  mutating func string(_ text: String) {
    raw("\"")
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): raw("\\\"")
      case UInt8(ascii: "\\"): raw("\\\\")
      case 0x0A: raw("\\n")
      case 0x0D: raw("\\r")
      case 0x09: raw("\\t")
      case 0..<0x20, 0x7F:
        raw("\\u00")
        let digits = String(byte, radix: 16)
        buffer.writeString(digits.count == 1 ? "0" + digits : digits)
      default: buffer.writeInteger(byte)
      }
    }
    raw("\"")
  }

  /// The bytes of a string with its quotes.
  static func bytes(of text: String) -> [UInt8] {
    var writer = JSONWriter()
    writer.string(text)
    return Array(buffer: writer.buffer)
  }
}
