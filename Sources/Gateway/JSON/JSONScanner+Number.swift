extension JSONScanner {
  /// Reads a number (RFC 8259, section 6).
  mutating func number() throws(JSONSyntaxError) -> JSONNumber {
    skipSpace()
    let start = index
    let isNegative = peek() == UInt8(ascii: "-")
    if isNegative { index += 1 }
    let firstDigit = index
    try digits()
    guard bytes[firstDigit] != UInt8(ascii: "0") || index == firstDigit + 1 else { throw JSONSyntaxError() }
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
    guard let value = Double(String(decoding: bytes[start..<index], as: UTF8.self)) else { throw JSONSyntaxError() }
    return JSONNumber(
      value, isWhole: isWhole(digits: firstDigit..<significandEnd, point: point, exponent: exponent))
  }

  /// Whether a number has no fraction. Its digits decide: the nearest double of 1750000000.0000001 has none.
  private func isWhole(digits: Range<Int>, point: Int, exponent: Int) -> Bool {
    let nonzero = UInt8(ascii: "1")...UInt8(ascii: "9")
    guard let last = bytes[digits].lastIndex(where: nonzero.contains) else { return true }
    // How many places behind the point the last digit stands that is not zero; in front of it, zero or less.
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
    while let byte = peek(), UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { index += 1 }
    guard index > start else { throw JSONSyntaxError() }
  }
}
