/// A short text, such as an id, in 32 bytes of its own and none elsewhere.
package struct InlineText: Sendable, Hashable {
  /// How many bytes a text has at most.
  package static let limit = 31

  /// The text, zeros, and in the last byte its length.
  let words: (UInt64, UInt64, UInt64, UInt64)

  /// Takes a text of 1 to 31 bytes; `nil` for any other.
  package init?(_ text: String) {
    let bytes = text.utf8
    guard (1...Self.limit).contains(bytes.count) else { return nil }
    var words = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
    withUnsafeMutableBytes(of: &words) { memory in
      memory.copyBytes(from: bytes)
      memory[Self.limit] = UInt8(bytes.count)
    }
    self.words = words
  }

  /// How many bytes the text has.
  package var count: Int {
    withUnsafeBytes(of: words) { Int($0[Self.limit]) }
  }

  /// The text.
  package var string: String {
    withBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// Lends the text's bytes.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeBytes(of: words) { body(UnsafeRawBufferPointer(rebasing: $0[..<Int($0[Self.limit])])) }
  }

  package static func == (one: Self, other: Self) -> Bool {
    one.words == other.words
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
    hasher.combine(words.3)
  }
}
