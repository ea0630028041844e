extension UnsafeBufferPointer<UInt8> {
  /// Whether the bytes are those of an ASCII literal; upper and lower case are the same if so asked, for a literal in
  /// lower case.
  func equals(_ literal: StaticString, ignoringCase: Bool = false) -> Bool {
    guard self.count == literal.utf8CodeUnitCount else { return false }
    for index in self.indices {
      var byte = self[index]
      if ignoringCase, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) {
        byte |= 0x20
      }
      guard byte == literal.utf8Start[index] else { return false }
    }
    return true
  }

  /// Whether they name binary metadata.
  var isBinaryKey: Bool {
    self.count >= 4 && UnsafeBufferPointer(rebasing: self[(self.count - 4)...]).equals("-bin")
  }
}
