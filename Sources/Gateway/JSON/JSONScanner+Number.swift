/// A number of a JSON text.
struct JSONNumber: Hashable {
  /// The nearest double; infinite when the number is larger than any.
  let value: Double
  /// The number when it has no fraction and fits: `5`, `5.0` and `5e0` are all 5.
  let integer: Int64?

  /// Creates a number from an integer literal.
  init(_ integer: Int64) {
    self.value = Double(integer)
    self.integer = integer
  }

  /// Creates a number from any other literal.
  /// - Parameter isWhole: Whether the literal has no fraction; its nearest double may have lost one.
  init(_ value: Double, isWhole: Bool) {
    self.value = value
    self.integer = isWhole ? Int64(exactly: value) : nil
  }
}

extension JSONScanner {
  /// Reads a number (RFC 8259, section 6).
  mutating func number() throws(JSONSyntaxError) -> JSONNumber {
    skipSpace()
    let start = index
    let isNegative = peek() == UInt8(ascii: "-")
    if isNegative, !hasDigit(at: index + 1) { throw noValue() }
    if isNegative { index += 1 }
    let firstDigit = index
    try digits()
    guard bytes[firstDigit] != UInt8(ascii: "0") || index == firstDigit + 1 else {
      throw JSONSyntaxError("must not begin with 0 before other digits", at: firstDigit)
    }
    let point = index
    if peek() == UInt8(ascii: ".") {
      index += 1
      try digits()
    }
    let significandEnd = index
    let exponent = try exponentIfAny()
    // 18 digits fit an Int64 whatever they are. A negative zero is left to the other way, which keeps its sign.
    if index == point, index - firstDigit <= 18, !(isNegative && bytes[firstDigit] == UInt8(ascii: "0")) {
      var integer: Int64 = 0
      for digit in bytes[firstDigit..<index] { integer = integer * 10 + Int64(digit - UInt8(ascii: "0")) }
      return JSONNumber(isNegative ? -integer : integer)
    }
    guard let value = Double(String(decoding: bytes[start..<index], as: UTF8.self)) else {
      throw JSONSyntaxError("must be a number", at: start)
    }
    return JSONNumber(
      value, isWhole: isWhole(digits: firstDigit..<significandEnd, point: point, exponent: exponent))
  }

  /// Whether a number has no fraction. Its digits decide: the nearest double of 1750000000.0000001 has none.
  private func isWhole(digits: Range<Int>, point: Int, exponent: Int) -> Bool {
    let nonzero = UInt8(ascii: "1")...UInt8(ascii: "9")
    guard let last = bytes[digits].lastIndex(where: nonzero.contains) else { return true }
    // The place behind the point of the last digit that is not zero; in front of the point, zero or less.
    let place = last < point ? last - point + 1 : last - point
    return place <= exponent
  }

  /// Reads an exponent; 0 when there is none. A billion stands for anything larger: no body is long enough for the
  /// digits that would make up for it.
  private mutating func exponentIfAny() throws(JSONSyntaxError) -> Int {
    guard peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") else { return 0 }
    index += 1
    let isNegative = peek() == UInt8(ascii: "-")
    if isNegative || peek() == UInt8(ascii: "+") { index += 1 }
    let start = index
    try digits()
    let magnitude = bytes[start..<index].reduce(0) { min($0 * 10 + Int($1 - UInt8(ascii: "0")), 1_000_000_000) }
    return isNegative ? -magnitude : magnitude
  }

  private mutating func digits() throws(JSONSyntaxError) {
    let start = index
    while hasDigit(at: index) { index += 1 }
    guard index > start else { throw failure("must have a digit here") }
  }

  private func hasDigit(at index: Int) -> Bool {
    index < bytes.count && UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[index]
  }
}
