/// Reads one JSON text (RFC 8259) from its beginning to its end, without building a tree of it.
///
/// Stricter than Foundation's decoder, which takes trailing commas, byte order marks, UTF-16 and anything in members
/// that nobody asks for, refuses subnormal numbers, and does not say where a number is wrong. Memory is bounded by what
/// the caller keeps, whatever the text holds.
///
/// The caller reads the next value as the type that belongs there, or skips it; after the last, ``finish()``.
/// Every method throws ``JSONSyntaxError`` where the text is not JSON; the scanner is then of no more use.
struct JSONScanner {
  /// The type of a value, and what an error calls one.
  enum Kind: String {
    case object = "an object"
    case array = "an array"
    case string = "a string"
    case number = "a finite number"
    case bool = "a boolean"
    case null = "null"
  }

  /// The deepest nesting of objects and arrays that is read.
  private static let depthLimit = 128
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  let bytes: [UInt8]
  var index = 0
  private var depth = 0

  /// Creates a scanner over the whole of a body.
  /// - Throws: When the bytes are not UTF-8, or begin with a byte order mark.
  init(_ bytes: [UInt8]) throws(JSONSyntaxError) {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw JSONSyntaxError("must be UTF-8", at: Self.offsetOfInvalidUTF8(in: bytes))
    }
    guard !bytes.starts(with: Self.byteOrderMark) else {
      throw JSONSyntaxError("must not begin with a byte order mark", at: 0)
    }
    self.bytes = bytes
  }

  /// Returns the type of the next value, without reading it.
  private mutating func kind() throws(JSONSyntaxError) -> Kind {
    skipSpace()
    switch peek() {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "-")?: return .number
    case let byte? where UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte: return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    default: throw noValue()
    }
  }

  /// Reads the next value if it is an object, and skips it if it is anything else; `member` is given each name and must
  /// read or skip its value. Names may come more than once.
  /// - Returns: Whether it was an object.
  mutating func objectIfAny(
    _ member: (inout JSONScanner, String) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) -> Bool {
    guard try finds(.object) else { return false }
    try object(member)
    return true
  }

  /// Reads the next value if it is an array, and skips it if it is anything else; `element` must read or skip each
  /// value in it.
  /// - Returns: Whether it was an array.
  mutating func arrayIfAny(
    _ element: (inout JSONScanner) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) -> Bool {
    guard try finds(.array) else { return false }
    try array(element)
    return true
  }

  /// Reads the next value if it is a string, and skips it if it is anything else.
  mutating func stringIfAny() throws(JSONSyntaxError) -> String? {
    try finds(.string) ? try string() : nil
  }

  /// Reads the next value if it is a number, and skips it if it is anything else.
  mutating func numberIfAny() throws(JSONSyntaxError) -> JSONNumber? {
    do throws(JSONSyntaxError) {
      return try finds(.number) ? try number() : nil
    } catch {
      throw error.expecting(.number)
    }
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
    guard index == bytes.count else { throw failure("must end after its value") }
  }

  /// Whether the next value is of a type; skips one of another.
  private mutating func finds(_ kind: Kind) throws(JSONSyntaxError) -> Bool {
    do throws(JSONSyntaxError) {
      if try self.kind() == kind { return true }
      try skip()
      return false
    } catch {
      throw error.expecting(kind)
    }
  }

  private mutating func object(
    _ member: (inout JSONScanner, String) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    try container(opening: "{", closing: "}") { scanner throws(JSONSyntaxError) in
      try scanner.expect("\"", "must have a member's name in quotation marks here", advance: false)
      let name = try scanner.string()
      scanner.skipSpace()
      try scanner.expect(":", "must have a colon after a member's name")
      do throws(JSONSyntaxError) {
        try member(&scanner, name)
      } catch {
        throw error.within(member: name)
      }
    }
  }

  private mutating func array(
    _ element: (inout JSONScanner) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    var position = 0
    try container(opening: "[", closing: "]") { scanner throws(JSONSyntaxError) in
      do throws(JSONSyntaxError) {
        try element(&scanner)
      } catch {
        throw error.within(element: position)
      }
      position += 1
    }
  }

  private mutating func container(
    opening: Unicode.Scalar, closing: Unicode.Scalar, _ item: (inout JSONScanner) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    skipSpace()
    try expect(opening, "must begin with \(opening)")
    depth += 1
    guard depth <= Self.depthLimit else { throw failure("must not nest deeper than \(Self.depthLimit) levels") }
    skipSpace()
    if peek() != UInt8(ascii: closing) {
      try item(&self)
      skipSpace()
      while peek() == UInt8(ascii: ",") {
        index += 1
        skipSpace()
        guard peek() != UInt8(ascii: closing) else { throw failure("must not have a comma before its \(closing)") }
        try item(&self)
        skipSpace()
      }
    }
    try expect(closing, "must have a comma or a \(closing) here")
    depth -= 1
  }

  private mutating func literal(_ text: StaticString) throws(JSONSyntaxError) {
    for offset in 0..<text.utf8CodeUnitCount {
      guard index + offset < bytes.count, bytes[index + offset] == text.utf8Start[offset] else { throw noValue() }
    }
    index += text.utf8CodeUnitCount
  }

  func peek() -> UInt8? {
    index < bytes.count ? bytes[index] : nil
  }

  /// Goes past a character that must come next.
  mutating func expect(
    _ character: Unicode.Scalar, _ problem: @autoclosure () -> String, advance: Bool = true
  ) throws(JSONSyntaxError) {
    guard peek() == UInt8(ascii: character) else { throw failure(problem()) }
    if advance { index += 1 }
  }

  mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
  }

  /// The error of what stands at the index, or of a text that ends there.
  func failure(_ problem: String) -> JSONSyntaxError {
    JSONSyntaxError(index < bytes.count ? problem : "ends too early", at: index)
  }

  /// The error of a value that is none.
  func noValue() -> JSONSyntaxError {
    let word = bytes[index...].prefix(10).prefix { byte in
      byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }
    let text = String(decoding: word, as: UTF8.self)
    guard ["nan", "inf", "infinity"].contains(text.lowercased().drop { $0 == "-" || $0 == "+" }) else {
      return failure("must be a JSON value")
    }
    return JSONSyntaxError(nonNumber: text, at: index)
  }

  private static func offsetOfInvalidUTF8(in bytes: [UInt8]) -> Int {
    var parser = UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = 0
    while case .valid(let scalar) = parser.parseScalar(from: &iterator) { offset += scalar.count }
    return offset
  }
}
