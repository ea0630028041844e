import Testing
import TokenDomain

@Suite struct Base62Tests {
  @Test(
    "A value is written most significant digit first and padded with zeros",
    arguments: [
      (0, 6, "000000"), (1, 6, "000001"), (61, 6, "00000z"), (62, 6, "000010"), (35, 1, "Z"), (36, 1, "a"),
      (UInt128(UInt32.max), 6, "4gfFC3"), (UInt128.max, 22, "7n42DGM5Tflk9n8mt7Fhc7"),
    ] as [(UInt128, Int, String)])
  func encoding(value: UInt128, width: Int, expected: String) {
    #expect(Base62.encode(value, width: width) == expected)
  }

  @Test("An encoded value decodes to itself")
  func encodingRoundTrip() {
    for _ in 0..<1_000 {
      let value = UInt128.random(in: .min ... .max)
      let decoded = Base62.encode(value, width: 22).utf8.reduce(UInt128(0)) { sum, byte in
        sum * 62 + UInt128(Base62.alphabet.firstIndex(of: byte) ?? 0)
      }
      #expect(decoded == value)
    }
  }

  @Test("Exactly the alphabet's bytes are digits")
  func digits() {
    #expect(Set(Base62.alphabet).count == 62)
    #expect((UInt8.min ... .max).filter(Base62.isDigit) == Base62.alphabet)
  }

  @Test("Bytes are all digits, or the one other that is allowed, wherever they stand and however many there are")
  func allDigits() {
    for count in 0...70 {
      let digits = (0..<count).map { Base62.alphabet[$0 % 62] }
      #expect(areDigits(digits))
      for index in digits.indices {
        for byte in UInt8.min ... .max {
          var changed = digits
          changed[index] = byte
          #expect(areDigits(changed) == Base62.isDigit(byte))
          #expect(areDigits(changed, or: "_") == (Base62.isDigit(byte) || byte == UInt8(ascii: "_")))
        }
      }
    }
  }

  private func areDigits(_ bytes: [UInt8], or other: Unicode.Scalar = "0") -> Bool {
    Base62.areDigits(bytes.span, or: UInt8(ascii: other))
  }

  @Test("Bytes of 248 and more are drawn again, so that every digit is equally likely")
  func rejection() {
    // All bytes in turn: 248 of each 256 are used, 4 times each digit.
    var generator = CountingGenerator()
    let digits = Base62.random(count: 248 * 100, using: &generator)
    let counts = Dictionary(grouping: digits.utf8, by: \.self).mapValues(\.count)
    #expect(counts.count == 62)
    #expect(counts.values.allSatisfy { $0 == 400 })
  }

  @Test("The system's digits are uniform by a chi-squared test")
  func uniformity() {
    let count = 620_000
    let counts = Dictionary(grouping: Base62.random(count: count).utf8, by: \.self).mapValues(\.count)
    let expected = Double(count) / 62
    let statistic = Base62.alphabet.reduce(0.0) { sum, digit in
      let difference = Double(counts[digit] ?? 0) - expected
      return sum + difference * difference / expected
    }
    // 61 degrees of freedom: mean 61, standard deviation 11; chance exceeds 150 once in 5 billion runs. The bias of a
    // plain remainder would give over 3,000.
    #expect(statistic < 150)
  }

  @Test("As many digits are drawn as were asked for", arguments: [0, 1, 7, 8, 9, 43])
  func count(count: Int) {
    let digits = Base62.random(count: count)
    #expect(digits.utf8.count == count)
    #expect(digits.utf8.allSatisfy(Base62.isDigit))
  }
}

/// Yields the bytes 0, 1, … 255, 0, … in the order in which they are consumed.
private struct CountingGenerator: RandomNumberGenerator {
  var byte: UInt8 = 0

  mutating func next() -> UInt64 {
    (0..<8).reduce(UInt64(0)) { word, index in
      defer { byte &+= 1 }
      return word | UInt64(byte) << (8 * index)
    }
  }
}
