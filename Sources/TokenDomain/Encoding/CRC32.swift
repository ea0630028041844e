/// The CRC-32 of zlib and Ethernet: reflected polynomial 0xEDB88320, initial value and final exclusive-or all ones.
package enum CRC32 {
  /// Eight tables of 256, one after the other: the first is that of a byte, each further one that of a byte with one
  /// more zero byte behind it. With them eight bytes are taken at a time ("slicing-by-8", M. E. Kounavis and
  /// F. L. Berry, "A Systematic Approach to Building High Performance, Software-based, CRC generators", ISCC 2005).
  private static let tables: [UInt32] = {
    var tables: [UInt32] = (0..<256).map { byte in
      (0..<8).reduce(UInt32(byte)) { value, _ in
        value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1
      }
    }
    for index in 256..<2_048 {
      let before = tables[index - 256]
      tables.append((before >> 8) ^ tables[Int(before & 0xFF)])
    }
    return tables
  }()

  /// The checksum of `bytes`; that of the ASCII text `123456789` is 0xCBF43926.
  package static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
    let tables = tables.span
    func entry(_ table: Int, _ byte: UInt32) -> UInt32 { tables[table << 8 | Int(byte & 0xFF)] }
    var value = ~UInt32(0)
    var index = 0
    while index + 8 <= bytes.count {
      let word = bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
      let (low, high) = (value ^ UInt32(truncatingIfNeeded: word), UInt32(truncatingIfNeeded: word >> 32))
      value =
        entry(7, low) ^ entry(6, low >> 8) ^ entry(5, low >> 16) ^ entry(4, low >> 24) ^ entry(3, high)
        ^ entry(2, high >> 8) ^ entry(1, high >> 16) ^ entry(0, high >> 24)
      index += 8
    }
    while index < bytes.count {
      value = (value >> 8) ^ entry(0, value ^ UInt32(bytes[index]))
      index += 1
    }
    return ~value
  }
}
