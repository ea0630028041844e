import HTTP2Session
import HTTP2TestSupport

extension Violation {
  /// RFC 7541, by way of RFC 9113 section 4.3.
  static func hpack(_ role: HTTP2Role) -> [Violation] {
    let section = section(role)
    func block(_ section: String, _ summary: String, _ bytes: [UInt8]) -> Violation {
      Self("7541 \(section)", summary, Wire.headers(3, bytes), .connectionError(.compressionError))
    }
    func accepted(_ section: String, _ summary: String, _ bytes: [UInt8]) -> Violation {
      Self("7541 \(section)", summary, Wire.headers(3, bytes), .accepted)
    }
    let name: [UInt8] = [0x00, 1, UInt8(ascii: "x")]
    let stored: [UInt8] = [0x40, 1, UInt8(ascii: "x"), 1, UInt8(ascii: "y")]
    return [
      block("2.3.3", "an index behind both tables", section + [0x80 | 70]),
      block("2.3.3", "a literal whose name is behind both tables", section + [0x0f, 55, 1, 97]),
      accepted("2.3.3", "an index of the dynamic table", section + stored + [0x80 | 62]),
      block("2.3.3", "an index behind the dynamic table's only entry", section + stored + [0x80 | 63]),
      accepted("4.2", "the table set to 0 and back at the start", [0x20, 0x3f, 0xe1, 0x1f] + section),
      block("4.2", "a table size within the section", section + [0x20]),
      block("4.3", "an index of an entry that a smaller table lost", [0x40, 1, 120, 1, 121] + [0x80 | 62] + [0x20]),
      accepted("4.4", "an entry larger than the table, which empties it", [0x20] + section + stored),
      block("4.4", "an index of an entry larger than the table", [0x20] + section + stored + [0x80 | 62]),
      block("5.1", "an integer of 2^32 and more", section + [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
      block("5.1", "an integer that ends nowhere", section + [0xff, 0x80, 0x80]),
      block("5.2", "a name that the section cuts off", section + [0x00, 5, 97]),
      block("5.2", "a value that the section cuts off", section + name + [5, 97]),
      block("5.2", "a section that ends before a value", section + name),
      block("5.2", "a string whose length ends nowhere", section + name + [0x7f, 0xff]),
      // "y" is 1111010; what follows it has to be ones.
      accepted("5.2", "a Huffman code padded by a one", section + name + [0x81, 0b1111_0101]),
      block("5.2", "a Huffman code padded by a zero", section + name + [0x81, 0b1111_0100]),
      block("5.2", "a Huffman code padded by more than seven bits", section + name + [0x82, 0b1111_0101, 0xff]),
      block(
        "5.2", "a Huffman code with the end of string", section + name + [0x85, 0b1111_0101, 0xff, 0xff, 0xff, 0xff]),
      block("6.1", "the index 0", section + [0x80]),
      block("6.3", "a table size beyond the limit", [0x3f, 0xe2, 0x1f] + section),
    ]
  }
}
