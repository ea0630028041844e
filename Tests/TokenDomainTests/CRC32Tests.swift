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
    #expect(CRC32.checksum(text.utf8) == checksum)
  }

  @Test("Every byte value takes part")
  func allBytes() {
    #expect(CRC32.checksum((UInt8.min ... .max)) == 0x2905_8C73)
  }
}
