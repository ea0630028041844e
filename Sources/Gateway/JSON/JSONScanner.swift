/// Reads one JSON text (RFC 8259) from its beginning to its end, without building a tree of it.
///
/// Stricter than Foundation's decoder, which takes trailing commas, byte order marks, UTF-16 and anything in members
/// that nobody asks for, refuses subnormal numbers, and does not say where a number is wrong. Memory is bounded by what
/// the caller keeps, whatever the text holds.
///
/// The caller asks what the next value is with ``kind()`` and then reads or skips it; after the last,
/// ``finish()``. Every method throws ``JSONSyntaxError`` where the text is not JSON; the scanner is then of no more use.
struct JSONScanner {
  /// What a value is.
  enum Kind {
    case object, array, string, number, bool, null
  }

  /// How deep objects and arrays may nest.
  private static let depthLimit = 128

  let bytes: [UInt8]
  var index = 0
  private var depth = 0

  /// Creates a scanner over the whole of a body.
  /// - Throws: When the bytes are not UTF-8.
  init(_ bytes: [UInt8]) throws(JSONSyntaxError) {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw JSONSyntaxError() }
    self.bytes = bytes
  }

  /// What the next value is, without reading it.
  mutating func kind() throws(JSONSyntaxError) -> Kind {
    skipSpace()
    switch peek() {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "-")?: return .number
    case let byte? where UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte: return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    default: throw JSONSyntaxError()
    }
  }

  /// Reads an object; `member` is given each name and must read or skip its value. Names may come more than once.
  mutating func object(
    _ member: (inout JSONScanner, String) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    try container(opening: "{", closing: "}") { scanner throws(JSONSyntaxError) in
      guard try scanner.kind() == .string else { throw JSONSyntaxError() }
      let name = try scanner.string()
      scanner.skipSpace()
      try scanner.expect(":")
      try member(&scanner, name)
    }
  }

  /// Reads an array; `element` must read or skip each value.
  mutating func array(_ element: (inout JSONScanner) throws(JSONSyntaxError) -> Void) throws(JSONSyntaxError) {
    try container(opening: "[", closing: "]", element)
  }

  /// Reads a value of any kind and drops it, once all of it has been found to be JSON.
  mutating func skip() throws(JSONSyntaxError) {
    switch try kind() {
    case .object: try object { scanner, _ throws(JSONSyntaxError) in try scanner.skip() }
    case .array: try array { scanner throws(JSONSyntaxError) in try scanner.skip() }
    case .string: _ = try string()
    case .number: _ = try number()
    case .bool: try literal(peek() == UInt8(ascii: "t") ? "true" : "false")
    case .null: try literal("null")
    }
  }

  /// Ends the text: nothing but white space may be left.
  mutating func finish() throws(JSONSyntaxError) {
    skipSpace()
    guard index == bytes.count else { throw JSONSyntaxError() }
  }

  private mutating func container(
    opening: Unicode.Scalar, closing: Unicode.Scalar, _ item: (inout JSONScanner) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    skipSpace()
    try expect(opening)
    depth += 1
    guard depth <= Self.depthLimit else { throw JSONSyntaxError() }
    skipSpace()
    if peek() != UInt8(ascii: closing) {
      try item(&self)
      skipSpace()
      while peek() == UInt8(ascii: ",") {
        index += 1
        try item(&self)
        skipSpace()
      }
    }
    try expect(closing)
    depth -= 1
  }

  private mutating func literal(_ text: StaticString) throws(JSONSyntaxError) {
    for offset in 0..<text.utf8CodeUnitCount {
      guard peek() == text.utf8Start[offset] else { throw JSONSyntaxError() }
      index += 1
    }
  }

  func peek() -> UInt8? {
    index < bytes.count ? bytes[index] : nil
  }

  mutating func expect(_ character: Unicode.Scalar) throws(JSONSyntaxError) {
    guard peek() == UInt8(ascii: character) else { throw JSONSyntaxError() }
    index += 1
  }

  mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
  }
}
