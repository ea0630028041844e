/// Base62 with the alphabet `0-9A-Za-z`: what identifiers and secrets are written in, so that a double click selects
/// them whole and no URL or shell changes them.
package enum Base62 {
  /// The digits in the order of their values.
  package static let alphabet: [UInt8] = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

  /// Whether `byte` is one of the 62 digits in ASCII.
  package static func isDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default:
      false
    }
  }

  /// Whether all of `bytes` are digits, or a certain other byte of ASCII.
  ///
  /// It looks at eight at a time, the last of which overlap, as it is asked about every token of every request.
  package static func areDigits(_ bytes: Span<UInt8>, or other: UInt8 = UInt8(ascii: "0")) -> Bool {
    guard bytes.count >= 8 else {
      for index in bytes.indices where !isDigit(bytes[index]) && bytes[index] != other { return false }
      return true
    }
    let others = UInt64(other & 0x7F) &* ones
    var rest = bytes.count
    while rest > 0 {
      rest = max(rest - 8, 0)
      let word = bytes.bytes.unsafeLoadUnaligned(fromByteOffset: rest, as: UInt64.self)
      let small = word | 0x20 &* ones
      // Each byte's highest bit says whether it is in the range. None carries into the next, as none is over 0x7F.
      let isLetter = atLeast(UInt8(ascii: "a"), small) & ~atLeast(UInt8(ascii: "z") + 1, small)
      let isNumber = atLeast(UInt8(ascii: "0"), word) & ~atLeast(UInt8(ascii: "9") + 1, word)
      let isOther = highBits &- (word ^ others)
      guard (isLetter | isNumber | isOther) & ~word & highBits == highBits else { return false }
    }
    return true
  }

  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highBits: UInt64 = 0x8080_8080_8080_8080

  private static func atLeast(_ bound: UInt8, _ word: UInt64) -> UInt64 {
    (word & ~highBits) &+ UInt64(0x80 - bound) &* ones
  }

  /// Writes `value` in `width` digits, most significant first, padded with zeros.
  ///
  /// 22 digits hold any 128 bits and 6 any 32. A value that needs more than `width` loses its leading digits.
  package static func encode(_ value: UInt128, width: Int) -> String {
    var digits = [UInt8](repeating: alphabet[0], count: max(width, 0))
    var rest = value
    for index in digits.indices.reversed() where rest > 0 {
      digits[index] = alphabet[Int(rest % 62)]
      rest /= 62
    }
    return String(decoding: digits, as: UTF8.self)
  }

  /// `count` independent, uniformly distributed digits of the system's cryptographic generator.
  package static func random(count: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    return random(count: count, using: &generator)
  }

  /// `count` independent, uniformly distributed digits of `generator`.
  ///
  /// A byte of 248 or more is drawn again: 248 is the greatest multiple of 62 in a byte, and a plain remainder would
  /// favour the first eight digits.
  package static func random(count: Int, using generator: inout some RandomNumberGenerator) -> String {
    var digits: [UInt8] = []
    digits.reserveCapacity(max(count, 0))
    while digits.count < count {
      var word = generator.next()
      for _ in 0..<8 where digits.count < count {
        let byte = UInt8(truncatingIfNeeded: word)
        word >>= 8
        if byte < 248 { digits.append(alphabet[Int(byte % 62)]) }
      }
    }
    return String(decoding: digits, as: UTF8.self)
  }
}
