extension JSONScanner {
  /// Reads a string (RFC 8259, section 7). Surrogates must come in pairs.
  mutating func string() throws(JSONSyntaxError) -> String {
    skipSpace()
    try expect("\"", "must be a string")
    let start = index
    while let byte = peek(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
      guard byte >= 0x20 else { throw controlCharacter() }
      index += 1
    }
    if peek() == UInt8(ascii: "\"") {
      defer { index += 1 }
      return String(decoding: bytes[start..<index], as: UTF8.self)
    }
    return try escapedString(from: start)
  }

  /// Reads the rest of a string that holds an escape.
  private mutating func escapedString(from start: Int) throws(JSONSyntaxError) -> String {
    var text = Array(bytes[start..<index])
    while let byte = peek() {
      guard byte >= 0x20 else { throw controlCharacter() }
      index += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text.append(contentsOf: UTF8.encode(try escape()) ?? UTF8.encodedReplacementCharacter)
      default: text.append(byte)
      }
    }
    throw failure("must end with a quotation mark")
  }

  private func controlCharacter() -> JSONSyntaxError {
    failure("must not hold a control character that is not escaped")
  }

  /// Reads what follows a backslash.
  private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
    guard let byte = peek() else { throw failure("must have an escape here") }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw JSONSyntaxError("must not hold an escape that JSON does not have", at: index - 1)
    }
  }

  private mutating func unicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
    let unit = try hexadecimalUnit()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    let problem = "must not hold half of a surrogate pair"
    guard UTF16.isLeadSurrogate(unit) else { throw failure(problem) }
    try expect("\\", problem)
    try expect("u", problem)
    let trail = try hexadecimalUnit()
    guard UTF16.isTrailSurrogate(trail) else { throw failure(problem) }
    return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
  }

  private mutating func hexadecimalUnit() throws(JSONSyntaxError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("must have four hexadecimal digits after \\u")
      }
      unit = unit << 4 | UInt16(digit)
      index += 1
    }
    return unit
  }
}
