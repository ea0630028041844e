import Testing
import TokenDomain

@Suite struct CRC32Tests {
  @Test(
    "The checksum is zlib's",
    arguments: [
      ("", 0), ("a", 0xE8B7_BE43), ("123456789", 0xCBF4_3926),
      ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
    ] as [(String, UInt32)])
  func vectors(text: String, checksum: UInt32) {
    #expect(self.checksum(text.utf8) == checksum)
  }

  private func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    CRC32.checksum(Array(bytes).span)
  }

  /// The checksum of a part, which begins wherever it does.
  private func checksum(_ bytes: [UInt8], _ part: Range<Int>) -> UInt32 {
    let bytes = bytes.span
    return CRC32.checksum(bytes.extracting(part))
  }

  @Test("Every byte value takes part")
  func allBytes() {
    #expect(checksum(UInt8.min ... .max) == 0x2905_8C73)
  }

  @Test("The checksum is that of the definition, bit by bit, whatever the length and wherever the bytes begin")
  func definition() {
    var generator = SimulationRandom(seed: 1)
    let bytes = (0..<100).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    for start in 0..<9 {
      for end in start...bytes.count {
        var value = ~UInt32(0)
        for byte in bytes[start..<end] {
          value ^= UInt32(byte)
          for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
        }
        #expect(checksum(bytes, start..<end) == ~value)
      }
    }
  }
}
